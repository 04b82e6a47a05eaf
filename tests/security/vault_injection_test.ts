/**
 * Values from a real vault in real children: what a child is given, what comes back of it, and what happens
 * when a value is replaced.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pause } from "../../src/kernel/pause.ts";
import { type VaultWorld, watchOf, withVault } from "../store/vault_world.ts";
import { childServer, type UpstreamWorld, withUpstreams } from "../support/upstream_world.ts";

const VALUE = "ghp_R7w+Zk/93q\"Lx'2vT&<bN8é5d==";

/** Encodings that a tool may use, made apart from the code that looks for them. */
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  raw: (text) => text,
  base64: (text) => Buffer.from(text).toString("base64"),
  "base64 behind one byte": (text) => Buffer.from(`u${text}:`).toString("base64"),
  "base64 behind two bytes": (text) => Buffer.from(`u:${text}`).toString("base64"),
  base64url: (text) => Buffer.from(text).toString("base64url"),
  "base64 in lines": (text) =>
    Buffer.from(text).toString("base64").replace(/.{16}/g, (line) => `${line}\n`),
  hex: (text) => Buffer.from(text).toString("hex"),
  "hex, upper case": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "percent encoding": encodeURIComponent,
  "percent encoding of every byte": (text) =>
    Buffer.from(text).toString("hex").replace(/../g, (pair) => `%${pair}`),
  "JSON in text": (text) => JSON.stringify([text]),
  reversed: (text) => [...text].reverse().join(""),
};

async function withServers(
  work: (vault: VaultWorld, upstreams: UpstreamWorld) => Promise<void>,
): Promise<void> {
  await withVault(async (world) => {
    const github = childServer("github", { secrets: { GITHUB_TOKEN: "TOKEN" } });
    const other = childServer("other", { environment: { MODE: "plain" } });
    const greedy = childServer("greedy", { secrets: { GITHUB_TOKEN: "TOKEN" } });
    const servers = [github, other, greedy];
    await withUpstreams({ servers, vault: world.vault }, (upstreams) => work(world, upstreams));
  });
}

Deno.test("a child is given its own variables and no other, a server that is not listed nothing", async () => {
  await withServers(async (world, { open }) => {
    await world.set({ value: VALUE, servers: ["github"] });
    await world.set({ name: "OTHER", value: "another-value", servers: ["github", "other"] });
    const github = await open("github");
    const given = await github.ask("environment");
    assert.equal(given.GITHUB_TOKEN, "[redacted:TOKEN]");
    const other = await open("other");
    const environment = await other.ask("environment");
    assert.equal(environment.MODE, "plain");
    const known = new Set(Object.keys(environment));
    const extra = Object.keys(given).filter((name) => !known.has(name));
    assert.deepEqual(extra, ["GITHUB_TOKEN"]);
    for (const variables of [given, environment]) {
      const all = JSON.stringify(variables);
      assert.doesNotMatch(all, /another-value|DATABASE|MASTER|spgov_(serve|vault|owner)/i);
    }
    await assert.rejects(open("greedy"), { code: "invalid", message: /"TOKEN"/ });
    github.close();
    other.close();
  });
});

Deno.test("a value comes back in no encoding, as result, as error or in the log", async () => {
  await withServers(async (world, { open, upstreams }) => {
    await world.set({ value: VALUE, servers: ["github"] });
    const line = await open("github");
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      const leak = encode(VALUE);
      const result = await line.askFor("echo", {
        content: [{ type: "text", text: `a ${leak} z` }],
      });
      assert.deepEqual(result.redacted, ["TOKEN"], name);
      assert.match(JSON.stringify(result.message), /a .{0,8}\[redacted:TOKEN\].{0,8} z/, name);
      const seen = line.events.length;
      const text = JSON.stringify({ jsonrpc: "2.0", method: "x", error: { message: leak } });
      line.tell("text", { text: `${text}\n` });
      const event = await next(line, seen);
      assert.match(JSON.stringify(event), /\[redacted:TOKEN\]/, name);
      await line.ask("error", { text: `stderr ${leak}\n` });
    }
    line.tell("exit", { code: 0 });
    await line.closed;
    const logs = upstreams.logs("github").map(({ text }) => text);
    assert.equal(
      logs.filter((text) => text.includes("[redacted:TOKEN]")).length,
      12,
      logs.join("\n"),
    );
    const everything = JSON.stringify([line.events, logs]);
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      const shown = JSON.stringify(encode(VALUE)).slice(1, -1);
      assert.ok(!everything.includes(shown), name);
      assert.ok(!everything.includes(shown.slice(2, 22)), name);
    }
  });
});

Deno.test("each user's child is given that user's own value", async () => {
  await withServers(async (world, { open }) => {
    await world.set({ value: "value-of-everybody", servers: ["github"] });
    await world.set({
      value: "value-of-ada",
      servers: ["github"],
      owner: { kind: "user", id: "ada" },
    });
    for (const userId of ["ada", "bob"]) {
      const line = await open("github", { userId });
      const mine = userId === "ada" ? "value-of-ada" : "value-of-everybody";
      const others = userId === "ada" ? "value-of-everybody" : "value-of-ada";
      const echoed = await line.ask("echo", { text: `${mine} ${others}` });
      // Only what this child was given is looked for: what it was not given it cannot know.
      assert.equal(echoed.text, `[redacted:TOKEN] ${others}`);
      line.close();
    }
  });
});

Deno.test("a line whose secret is replaced is drained, and the next one is given the new value", async () => {
  await withServers(async (world, { open, upstreams }) => {
    await world.set({ value: "value-number-one", servers: ["github"] });
    const watch = watchOf(world, (names) => upstreams.renewSecrets(names));
    try {
      const [line, unconcerned] = [await open("github"), await open("other")];
      await line.ask("echo");
      let isClosed = false;
      void line.closed.then(() => isClosed = true);
      const end = performance.now() + 15_000;
      // Again and again: the watch begins to hear at some time.
      for (let n = 2; !isClosed; n++) {
        assert.ok(performance.now() < end, "the line was not drained");
        await world.set({ value: `value-number-${n}` });
        await pause(50);
      }
      assert.equal((await line.closed).code, "drained");
      await world.set({ value: "value-at-the-end" });
      const text = "value-number-one value-at-the-end";
      // One that is opened while the last change is still being told is drained too.
      for (let shown = text; shown !== "value-number-one [redacted:TOKEN]";) {
        assert.ok(performance.now() < end, shown);
        const fresh = await open("github");
        const echoed = await Promise.race([fresh.ask("echo", { text }), fresh.closed]);
        shown = echoed.text ?? shown;
        fresh.close();
      }
      assert.deepEqual(await unconcerned.ask("echo", { still: "there" }), { still: "there" });
      unconcerned.close();
    } finally {
      await watch.stop();
    }
  });
});

/** The event that comes after `seen` others. */
async function next(
  line: { readonly events: readonly unknown[] },
  seen: number,
): Promise<unknown> {
  const end = performance.now() + 15_000;
  while (line.events.length <= seen) {
    assert.ok(performance.now() < end, "nothing came");
    await pause(5);
  }
  return line.events[seen];
}
