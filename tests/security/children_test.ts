/** What a child gets to see: its own variables and values, and of the host what its level of confinement leaves. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type ConfiningHost, findConfiningHost } from "../../src/confinement/mod.ts";
import { withVault } from "../store/vault_world.ts";
import { childServer, withUpstreams } from "../support/upstream_world.ts";

const SECRET = "canary-value/with+signs=73?19";
const OTHERS = "another-canary-value-2210";

const host = await findConfiningHost(Deno.env.toObject());

/** The host as if it offered less; undefined where it does not offer as much. */
function hostAt(
  level: ConfiningHost["level"],
): ((host: ConfiningHost) => ConfiningHost) | undefined {
  const levels = ["none", "uid", "bwrap"];
  if (levels.indexOf(host.level) < levels.indexOf(level)) return undefined;
  if (level === "uid" && !host.root) return undefined;
  return (full) => ({ ...full, level, root: level === "none" ? false : full.root });
}

/** A test for each level, skipped visibly where the host has not got it. */
function atLevels(
  levels: readonly ConfiningHost["level"][],
  name: string,
  work: (change: (host: ConfiningHost) => ConfiningHost) => Promise<void>,
): void {
  for (const level of levels) {
    const change = hostAt(level);
    const ignore = change === undefined;
    const why = ignore ? ` (skipped: this host has not got it: ${host.why})` : "";
    Deno.test({ name: `${level}: ${name}${why}`, ignore, fn: () => work(change ?? ((h) => h)) });
  }
}

/** `deno` where a child of another user may run it. */
async function openDeno(): Promise<string> {
  const path = `${await Deno.makeTempDir({ prefix: "spgov-open-" })}/deno`;
  await Deno.chmod(path.slice(0, -5), 0o755);
  await Deno.copyFile(Deno.execPath(), path);
  await Deno.chmod(path, 0o755);
  return path;
}

const deno = await openDeno();
globalThis.addEventListener(
  "unload",
  () => Deno.removeSync(deno.slice(0, -5), { recursive: true }),
);

const child = (name: string, options: Parameters<typeof childServer>[1] = {}) =>
  childServer(name, { command: deno, ...options });

atLevels(["bwrap", "uid", "none"], "a child has exactly its own variables", async (change) => {
  Deno.env.set("SPGOV_TEST_PLANTED", OTHERS);
  await withVault(async ({ vault, set }) => {
    await set({ name: "TOKEN", value: SECRET, servers: ["a"] });
    await set({ name: "OTHER", value: OTHERS, servers: ["b"] });
    const servers = [
      child("a", { environment: { MODE: "x y" }, secrets: { API_TOKEN: "TOKEN" } }),
      child("b", { secrets: { API_TOKEN: "OTHER" } }),
      child("c", { secrets: { API_TOKEN: "OTHER" } }),
    ];
    await withUpstreams({ servers, vault, host: change }, async ({ open }) => {
      const [a, b] = [await open("a"), await open("b")];
      const { message, redacted } = await a.askFor("environment");
      const variables = (message as { result: Record<string, string> }).result;
      const expected = ["API_TOKEN", "HOME", "LANG", "MODE", "PATH", "PWD"];
      assert.deepEqual(Object.keys(variables).sort(), expected);
      assert.equal(variables.MODE, "x y");
      // The value is there, and does not get out.
      assert.equal(variables.API_TOKEN, "[redacted:TOKEN]");
      assert.deepEqual(redacted, ["TOKEN"]);
      const others = await b.askFor("environment");
      assert.deepEqual(others.redacted, ["OTHER"]);
      assert.ok(!JSON.stringify([message, others]).includes("canary-value"));
      // Not on its allow-list.
      await assert.rejects(open("c"), { code: "invalid", message: /needs the secret "OTHER"/ });
    });
  }).finally(() => Deno.env.delete("SPGOV_TEST_PLANTED"));
});

Deno.test("a value in any of its forms is taken out of results, errors and log lines", async () => {
  await withVault(async ({ vault, set }) => {
    await set({ name: "TOKEN", value: SECRET, servers: ["a"] });
    const server = child("a", { secrets: { API_TOKEN: "TOKEN" } });
    await withUpstreams({ servers: [server], vault }, async ({ upstreams, open }) => {
      const line = await open("a");
      const bytes = Buffer.from(SECRET);
      const forms = [
        SECRET,
        bytes.toString("base64"),
        bytes.toString("base64url"),
        Buffer.from(`user:${SECRET}`).toString("base64"),
        bytes.toString("hex"),
        bytes.toString("hex").toUpperCase(),
        encodeURIComponent(SECRET),
        JSON.stringify(SECRET).slice(1, -1),
        [...SECRET].reverse().join(""),
      ];
      for (const form of forms) {
        const { message, redacted } = await line.askFor("echo", { text: `<${form}>`, [form]: 1 });
        assert.deepEqual(redacted, ["TOKEN"], form);
        assert.ok(!JSON.stringify(message).includes(form), form);
      }
      // Written with escapes that only a parser resolves.
      const escaped = [...SECRET].map((char) =>
        `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
      );
      line.tell("text", {
        text: `{"jsonrpc":"2.0","method":"x","params":{"v":"${escaped.join("")}"}}\n`,
      });
      await line.ask("error", { text: `in two ${SECRET.slice(0, 9)}` });
      await line.ask("error", { text: `${SECRET.slice(9)} pieces\n` });
      line.tell("exit", { code: 0 });
      const { reason } = await line.closed;
      const seen = JSON.stringify([line.events, upstreams.logs("a"), upstreams.status(), reason]);
      assert.ok(!seen.includes(SECRET) && !seen.includes(SECRET.slice(3, -3)));
      assert.match(seen, /in two \[redacted:TOKEN\] pieces/);
    });
  });
});

Deno.test("a user's own value goes to that user's child and to no other", async () => {
  await withVault(async ({ vault, set }) => {
    await set({ name: "TOKEN", value: SECRET, servers: ["a"], owner: { kind: "user", id: "ada" } });
    await set({ name: "TOKEN", value: OTHERS, servers: ["a"] });
    const server = child("a", { secrets: { API_TOKEN: "TOKEN" } });
    await withUpstreams({ servers: [server], vault }, async ({ open }) => {
      const [ada, bob] = [await open("a", { userId: "ada" }), await open("a", { userId: "bob" })];
      // Each child redacts its own value and does not know the other's.
      assert.equal(await ada.ask("echo", `${SECRET} ${OTHERS}`), `[redacted:TOKEN] ${OTHERS}`);
      assert.equal(await bob.ask("echo", `${SECRET} ${OTHERS}`), `${SECRET} [redacted:TOKEN]`);
    });
  });
});

Deno.test("values are in no command line on this host", async () => {
  await withVault(async ({ vault, set }) => {
    await set({ name: "TOKEN", value: SECRET, servers: ["a"] });
    const server = child("a", { secrets: { API_TOKEN: "TOKEN" } });
    await withUpstreams({ servers: [server], vault }, async ({ open }) => {
      await (await open("a")).ask("echo");
      const ps = await new Deno.Command("ps", { args: ["-eo", "args", "-ww"] }).output();
      const lines = new TextDecoder().decode(ps.stdout);
      assert.match(lines, /launch-mcp a/);
      assert.ok(!lines.includes(SECRET.slice(0, 12)));
    });
  });
});

atLevels(["bwrap", "uid"], "nobody reads a sibling's environment, nor ours", async (change) => {
  const servers = [child("a", { environment: { CANARY: OTHERS } }), child("b")];
  await withUpstreams({ servers, host: change }, async ({ upstreams, open }) => {
    const [a, b, sibling] = [await open("a"), await open("b"), await open("a")];
    const { pid } = await a.ask("process");
    const pids = upstreams.status().flatMap(({ pids }) => pids);
    assert.ok(pids.length >= 3);
    const outside = await listBelow(pids);
    assert.ok(outside.length >= 3);
    for (const line of [b, sibling]) {
      const own = (await line.ask("process")).pid;
      for (const path of [...outside, Deno.pid, Deno.ppid].map((pid) => `/proc/${pid}/environ`)) {
        const read = await line.ask("read", { path });
        if (path !== `/proc/${own}/environ` && path !== `/proc/${pid}/environ`) {
          assert.match(read, /^refused/, path);
        }
        assert.ok(line === sibling || !read.includes(OTHERS), path);
      }
    }
  });
});

atLevels(["bwrap", "uid"], "each child is a user of its own where we are root", async (change) => {
  if (!host.root) return;
  await withUpstreams({ servers: [child("a"), child("b")], host: change }, async ({ open }) => {
    const lines = [await open("a"), await open("a"), await open("b")];
    const uids = await Promise.all(lines.map(async (line) => (await line.ask("process")).uid));
    assert.equal(new Set([0, ...uids]).size, 4);
    // However often it forks: the limit counts for this user alone.
    const limits = await lines[0]?.ask("read", { path: "/proc/self/limits" });
    assert.match(limits, /Max processes +1024 +1024/);
    assert.match(limits, /Max core file size +0 +0/);
  });
});

atLevels(
  ["bwrap"],
  "a child sees the system, its program and what it is given, nothing else",
  async (change) => {
    const folder = await Deno.makeTempDir({ prefix: "spgov-files-" });
    await Deno.chmod(folder, 0o755);
    await Deno.writeTextFile(`${folder}/given`, "given", { mode: 0o644 });
    const secret = await Deno.makeTempFile();
    await Deno.writeTextFile(secret, OTHERS);
    await Deno.chmod(secret, 0o644);
    const servers = [
      child("with", { readable: [`${folder}/given`] }),
      child("without"),
      child("much", { readable: ["/tmp"] }),
    ];
    try {
      await withUpstreams({ servers, host: change }, async ({ launcher, open }) => {
        assert.ok((await Deno.stat(launcher)).isFile);
        const [a, b] = [await open("with"), await open("without")];
        assert.equal(await a.ask("read", { path: `${folder}/given` }), "given");
        assert.match(await b.ask("read", { path: `${folder}/given` }), /^refused/);
        for (
          const path of [
            secret,
            "/etc/shadow",
            "/root/.bashrc",
            "/proc/kcore",
            "/sys/kernel/uevent_seqnum",
          ]
        ) {
          assert.match(await a.ask("read", { path }), /^refused/, path);
        }
        // The appliance's own home stays hidden in whatever is given.
        const much = await open("much");
        assert.equal(await much.ask("read", { path: `${folder}/given` }), "given");
        assert.match(await much.ask("read", { path: launcher }), /^refused/);
        assert.match(await a.ask("read", { path: "/etc/passwd" }), /root/);
        const environment = await a.ask("read", { path: "/proc/1/environ" });
        assert.ok(!environment.includes("SPGOV") && !environment.includes("DATABASE_URL"));
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
      await Deno.remove(secret);
    }
  },
);

atLevels(["bwrap"], "a child reaches the network only where its file says so", async (change) => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let reached = 0;
  const counting = (async () => {
    for await (const connection of listener) {
      reached++;
      connection.close();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const servers = [child("open", { network: true }), child("shut")];
  try {
    await withUpstreams({ servers, host: change }, async ({ open }) => {
      const target = { hostname: "127.0.0.1", port };
      assert.match(await (await open("shut")).ask("connect", target), /^refused/);
      assert.equal(reached, 0);
      assert.equal(await (await open("open")).ask("connect", target), "reached");
    });
  } finally {
    listener.close();
    await counting;
  }
});

Deno.test("arguments and variables reach a child as they are written, whatever they look like", async () => {
  const folder = await Deno.makeTempDir();
  const planted = `${folder}/planted`;
  const childArgs = [
    `'; touch ${planted}; '`,
    `$(touch ${planted})`,
    `\`touch ${planted}\``,
    `"; touch ${planted}; "`,
    `;;\n*) touch ${planted}`,
    "a\nb\\",
    "",
    "-n",
    "*",
    "ünï",
    "$uid",
    "\t",
  ];
  const environment = Object.fromEntries(childArgs.map((value, at) => [`V${at}`, value]));
  try {
    await withUpstreams({ servers: [child("a", { childArgs, environment })] }, async ({ open }) => {
      const line = await open("a");
      assert.deepEqual(await line.ask("arguments"), childArgs);
      const seen = await line.ask("environment");
      for (const [name, value] of Object.entries(environment)) assert.equal(seen[name], value);
    });
    await withUpstreams({ servers: [child("a", { childArgs: ["\0uid"] })] }, async ({ open }) => {
      await assert.rejects(open("a"), { code: "invalid", message: /NUL/ });
    });
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a server that demands more confinement than there is is not started", async () => {
  const servers = [child("strict", { confinement: "bwrap" }), child("any", { confinement: "any" })];
  const none = (full: ConfiningHost): ConfiningHost => (
    { ...full, level: "none", root: false, why: "a test says so" }
  );
  await withUpstreams({ servers, host: none }, async ({ open }) => {
    await assert.rejects(open("strict"), {
      code: "invalid",
      message: /"bwrap".*"none": a test says so/,
    });
    assert.equal((await open("any")).confinement, "none");
  });
});

/** All processes below these. */
async function listBelow(pids: readonly number[]): Promise<number[]> {
  const below = await Promise.all(pids.map(async (pid) => {
    const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
    return await listBelow(children.trim().split(" ").filter((text) => text !== "").map(Number));
  }));
  return [...pids, ...below.flat()];
}
