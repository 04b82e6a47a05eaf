/** How the portable executable unpacks itself: once, whole, for the right people, and never half. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createHost, findArtifact, type Host, NOBODY } from "./artifact.ts";

const artifact = await findArtifact();
const isPortable = "path" in artifact && await startsWith(artifact.path, "#!/bin/sh\n");
const isRoot = Deno.uid() === 0;
const VERSION = ["./spgov", "--version"];

async function startsWith(path: string, text: string): Promise<boolean> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(text.length);
  await file.read(bytes);
  return new TextDecoder().decode(bytes) === text;
}

function portable(
  name: string,
  work: (host: Host, cache: string) => Promise<void>,
  ignore = false,
): void {
  Deno.test({
    name,
    ignore: ignore || !isPortable,
    async fn() {
      if ("reason" in artifact) return;
      const host = await createHost(artifact.path);
      try {
        await work(host, join(host.folder, "cache"));
      } finally {
        await host.remove();
      }
    },
  });
}

async function list(folder: string): Promise<string[]> {
  const found = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  return found.map(({ name }) => name).sort();
}

async function unpacked(cache: string): Promise<string> {
  const [only = "", ...more] = await list(cache);
  assert.deepEqual(more, [], "one folder and no draft");
  return join(cache, only);
}

async function overwrite(path: string, at: number): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.seek(at, Deno.SeekMode.Start);
  await file.write(crypto.getRandomValues(new Uint8Array(1000)));
}

portable("several first starts at once leave one whole folder", async (host, cache) => {
  const env = { SPGOV_CACHE: cache };
  const results = await Promise.all([1, 2, 3].map(() => host.run(VERSION, { env })));
  for (const { code, stdout, stderr } of results) {
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\(portable, /);
  }
  const folder = await unpacked(cache);
  assert.ok((await list(folder)).includes("complete"));
  assert.deepEqual((await list(join(folder, "postgres"))).slice(0, 2), ["bin", "files.json"]);
  assert.match(await Deno.readTextFile(join(folder, "LICENSES")), /PostgreSQL Global Development/);
});

portable("what is missing in the folder is unpacked again", async (host, cache) => {
  const env = { SPGOV_CACHE: cache };
  await host.run(VERSION, { env });
  const folder = await unpacked(cache);
  await Deno.remove(join(folder, "main.js"));
  assert.equal((await host.run(VERSION, { env })).code, 0);
  assert.equal(await unpacked(cache), folder);

  await Deno.remove(join(folder, "postgres", "bin", "initdb"));
  const start = ["./spgov", "start", "--detach", "--port", "0"];
  const broken = await host.run(start, { env });
  assert.equal(broken.code, 6);
  assert.match(broken.stderr, /Files are missing in ".*postgres"/);
  assert.equal((await host.run(VERSION, { env })).code, 0);
  assert.ok((await list(join(await unpacked(cache), "postgres", "bin"))).includes("initdb"));
});

portable("a damaged executable says so and leaves nothing behind", async (host, cache) => {
  const env = { SPGOV_CACHE: cache };
  const program = join(host.folder, "spgov");
  const { size } = await Deno.stat(program);
  await overwrite(program, size - 2_000_000);
  const changed = await host.run(VERSION, { env });
  assert.equal(changed.code, 6);
  assert.match(changed.stderr, /damaged|cannot unpack/);
  assert.deepEqual(await list(cache), []);

  await Deno.truncate(program, size - 1);
  const cut = await host.run(VERSION, { env });
  assert.equal(cut.code, 6);
  assert.match(cut.stderr, new RegExp(`is damaged: it is not ${size} bytes long`));
  assert.deepEqual(await list(cache), []);
});

portable("a host without a tool is told which", async (host, cache) => {
  await Deno.remove(join(host.tools, "tar"));
  const { code, stderr } = await host.run(VERSION, { env: { SPGOV_CACHE: cache } });
  assert.equal(code, 6);
  assert.match(stderr, /this host has no "tar"/);
});

portable(
  "what root has unpacked serves everybody, what others have does not",
  async (host, cache) => {
    const env = { SPGOV_CACHE: cache };
    await host.run(VERSION, { env });
    const folder = await unpacked(cache);
    assert.equal((await host.run(VERSION, { env, uid: NOBODY })).code, 0);

    await Deno.chown(cache, NOBODY, NOBODY);
    await Deno.chown(folder, NOBODY, NOBODY);
    const { code, stderr } = await host.run(VERSION, { env });
    assert.equal(code, 6);
    assert.match(stderr, /belongs to somebody else/);
  },
  !isRoot,
);

portable("without a home it unpacks into the temporary folder", async (host) => {
  const cache = `/tmp/spgov-cache-${NOBODY}`;
  const before = await list(cache);
  try {
    for (const env of [{}, { HOME: "/nonexistent" }]) {
      const { code, stderr } = await host.run(VERSION, { uid: NOBODY, env });
      assert.equal(code, 0, stderr);
    }
  } finally {
    const made = (await list(cache)).filter((name) => !before.includes(name));
    for (const name of made) await Deno.remove(join(cache, name), { recursive: true });
    if (before.length === 0) await Deno.remove(cache);
    assert.equal(made.length, 1);
  }
}, !isRoot);
