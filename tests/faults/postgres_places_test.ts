import assert from "node:assert/strict";
import { join } from "node:path";
import { type EmbeddedServer, startEmbedded } from "../../src/postgres/mod.ts";
import {
  ask,
  type HomeMaker,
  isRunning,
  makeHomes,
  makeTemp,
  smallServer,
} from "../support/embedded_home.ts";

const isRoot = Deno.uid() === 0;
let root = "";
let homes: HomeMaker;
Deno.test.beforeAll(async () => {
  root = await makeTemp();
  homes = await makeHomes();
});
Deno.test.afterAll(async () => {
  await homes.remove();
  await Deno.remove(root, { recursive: true });
});

async function withServer(
  home: string,
  work: (server: EmbeddedServer) => Promise<void>,
): Promise<void> {
  const server = await startEmbedded(smallServer(home));
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.lstat(path)).mode ?? 0) & 0o777;
}

Deno.test("a first start leaves data, log, passwords and socket closed to everybody else", async () => {
  const home = join(root, "plain");
  await withServer(home, async (server) => {
    assert.equal(server.dataDir, join(await Deno.realPath(home), "postgres", "data"));
    for (const folder of [server.dataDir, server.logDir, server.socketDir, join(home, "keys")]) {
      assert.equal(await modeOf(folder), 0o700, folder);
    }
    assert.equal(await modeOf(join(home, "keys", "database.json")), 0o600);
    const ballast = await Deno.stat(join(home, "postgres", "ballast"));
    assert.deepEqual([ballast.size, (ballast.blocks ?? 0) * 512 >= ballast.size], [
      1_048_576,
      true,
    ]);
    const [row] = await ask(
      server.addresses.owner,
      (sql) =>
        sql`select current_setting('listen_addresses') as tcp, current_setting('data_checksums') as sums,
                 current_setting('server_encoding') as encoding, lower('ÄÉ') as lower,
                 (select string_agg(distinct auth_method, ',') from pg_hba_file_rules) as ways`,
    );
    assert.deepEqual({ ...row }, {
      tcp: "",
      sums: "on",
      encoding: "UTF8",
      lower: "äé",
      ways: "scram-sha-256",
    });
    const wrong = { ...server.addresses.owner, password: server.addresses.serve.password ?? "" };
    await assert.rejects(ask(wrong, (sql) => sql`select 1`), /password authentication failed/);
    assert.equal((await Deno.stat(server.dataDir)).uid, isRoot ? 65534 : Deno.uid());
  });
});

Deno.test("Ctrl-C in a terminal does not reach the server: it has a session of its own", async () => {
  await withServer(await homes.make(), async (server) => {
    const { stdout } = await new Deno.Command("ps", { args: ["-p", `${server.pid}`, "-o", "sid="] })
      .output();
    assert.equal(Number(new TextDecoder().decode(stdout)), server.pid);
  });
});

Deno.test("a home with a path beyond what a socket may have works", async () => {
  const home = await homes.make(join("d".repeat(60), "e".repeat(60)));
  await withServer(home, async (server) => {
    assert.match(server.socketDir, /^\/tmp\/spgov-\d+-[0-9a-f]{16}$/);
    assert.equal(await modeOf(server.socketDir), 0o700);
    const [row] = await ask(server.addresses.owner, (sql) => sql`select 1 as one`);
    assert.equal(row?.one, 1);
  });
});

Deno.test("a socket folder that somebody else prepared is not used", async () => {
  const home = await homes.make(join("f".repeat(60), "g".repeat(60)));
  let first = "";
  await withServer(home, (server) => {
    first = server.socketDir;
    return Promise.resolve();
  });
  assert.equal(await exists(first), false, "it is removed when the server has ended");
  await Deno.mkdir(first);
  await Deno.chmod(first, 0o777);
  await withServer(home, (server) => {
    assert.equal(server.socketDir, `${first}-1`);
    return Promise.resolve();
  });
  await Deno.remove(first);
  await Deno.symlink(root, first);
  await withServer(home, (server) => {
    assert.equal(server.socketDir, `${first}-1`);
    return Promise.resolve();
  });
  await Deno.remove(first);
});

Deno.test({
  name: "root's private home keeps its data where the server's account can get, and finds it again",
  ignore: !isRoot,
  async fn() {
    const home = await makeTemp(0o700);
    let base = "";
    try {
      await withServer(home, async (server) => {
        base = join(server.dataDir, "..");
        assert.match(base, /^\/var\/lib\/spgov\/[0-9a-f]{16}$/);
        assert.deepEqual(JSON.parse(await Deno.readTextFile(join(home, "postgres.json"))), {
          base,
        });
        await ask(server.addresses.owner, (sql) => sql`create table kept (n int)`);
      });
      // A home that is opened later must not lose sight of its data.
      await Deno.chmod(home, 0o755);
      await withServer(home, async (server) => {
        assert.equal(join(server.dataDir, ".."), base);
        const [row] = await ask(
          server.addresses.owner,
          (sql) => sql`select count(*) as n from kept`,
        );
        assert.equal(row?.n, 0);
      });
    } finally {
      await Deno.remove(home, { recursive: true });
      if (base !== "") await Deno.remove(base, { recursive: true });
    }
  },
});

Deno.test("unpacked programs that were damaged are unpacked again", async () => {
  const cache = join(root, "cache");
  const home = await homes.make();
  const options = { ...smallServer(home), cache };
  const first = await startEmbedded(options);
  await first.stop();
  const [folder] = await Array.fromAsync(Deno.readDir(cache), ({ name }) => name);
  const program = join(cache, folder ?? "", "bin", "postgres");
  await Deno.truncate(program, 4096);
  const second = await startEmbedded(options);
  try {
    assert.equal(await isRunning(second.pid), true);
    assert.ok((await Deno.stat(program)).size > 4096);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(cache), ({ name }) => name), [folder]);
  } finally {
    await second.stop();
  }
});

Deno.test("several processes may unpack at once", async () => {
  const cache = join(root, "cache-together");
  const starts = await Promise.all(
    ["a", "b", "c"].map((name) => startEmbedded({ ...smallServer(join(root, name)), cache })),
  );
  try {
    assert.equal((await Array.fromAsync(Deno.readDir(cache))).length, 1);
    for (const server of starts) assert.equal(await isRunning(server.pid), true);
  } finally {
    await Promise.all(starts.map((server) => server.stop()));
  }
});
