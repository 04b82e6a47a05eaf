/** The container's recipe, read: there is no engine here to build it with. */
import assert from "node:assert/strict";
import { spgov } from "../cli/spgov.ts";

interface Instruction {
  readonly name: string;
  readonly text: string;
}

const FILE = new URL("../../Dockerfile", import.meta.url);

/** One entry an instruction: comments dropped, continued lines joined. */
function parse(text: string): Instruction[] {
  const lines = text.split("\n").filter((line) => !/^\s*(#|$)/.test(line)).join("\n");
  return lines.replace(/\\\n\s*/g, " ").split("\n").map((line) => {
    const [, name = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    assert.notEqual(name, "", `not an instruction: ${line}`);
    return { name, text: rest };
  });
}

const instructions = parse(await Deno.readTextFile(FILE));
const all = (name: string): string[] =>
  instructions.filter((each) => each.name === name).map(({ text }) => text);
const only = (name: string): string => {
  const [found = "", ...more] = all(name);
  assert.ok(found !== "" && more.length === 0, `one ${name}`);
  return found;
};

function variables(): Record<string, string> {
  const pairs = all("ENV").join(" ").split(/\s+/).map((each) => each.split("="));
  return Object.fromEntries(pairs);
}

Deno.test("the container runs the executable as a user of its own", () => {
  const user = only("USER");
  assert.doesNotMatch(user, /^(root|0)(:|$)/);
  assert.ok(
    all("RUN").some((run) => run.includes("useradd") && run.endsWith(` ${only("VOLUME")}`)),
  );
  const order = instructions.map(({ name }) => name);
  assert.ok(order.indexOf("USER") > order.lastIndexOf("RUN"), "nothing runs as root after USER");
  assert.ok(order.indexOf("USER") < order.indexOf("ENTRYPOINT"));
  assert.deepEqual(JSON.parse(only("ENTRYPOINT")), ["spgov"]);
  assert.deepEqual(JSON.parse(only("CMD")), ["start"]);
});

Deno.test("the container holds the executable and fetches nothing", () => {
  assert.match(only("COPY"), /^(--chmod=755 )?dist\/spgov \/usr\/local\/bin\/spgov$/);
  assert.match(only("FROM"), /^debian:bookworm-slim$/);
  assert.deepEqual(all("ADD"), []);
  for (const run of all("RUN")) assert.doesNotMatch(run, /curl|wget|https?:|apt|npm|\|\s*(ba)?sh/);
});

Deno.test("the container tells its port, its data and its health", () => {
  const { SPGOV_HOME } = variables();
  assert.equal(only("EXPOSE"), "8080");
  assert.equal(only("VOLUME"), SPGOV_HOME);
  const [, command = ""] = /CMD (\[.*\])$/.exec(only("HEALTHCHECK")) ?? [];
  assert.deepEqual(JSON.parse(command).slice(0, 2), ["spgov", "status"]);
});

Deno.test("the container's profile is valid and listens outside of the container", async () => {
  const [write = ""] = all("RUN").filter((run) => run.includes("printf"));
  const folder = await Deno.makeTempDir({ prefix: "spgov-docker-" });
  try {
    const script = write.replaceAll("/etc/spgov", folder);
    assert.notEqual(script, write);
    assert.equal((await new Deno.Command("sh", { args: ["-ec", script] }).output()).code, 0);
    const profile = variables().SPGOV_PROFILE?.replace("/etc/spgov", folder) ?? "";
    assert.match(await Deno.readTextFile(profile), /^ {2}address: 0\.0\.0\.0$/m);
    const { code, stdout, stderr } = await spgov(
      ["admin", "config", "validate", "--profile", profile, "--home", folder],
    );
    assert.equal(code, 0, stdout + stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
