import assert from "node:assert/strict";
import { join } from "node:path";
import { type EmbeddedServer, findEmbedded, startEmbedded } from "../../src/postgres/mod.ts";
import { AppError } from "../../src/kernel/errors.ts";
import {
  ask,
  type HomeMaker,
  isRunning,
  killServer,
  makeHomes,
  processesOf,
  smallServer,
} from "../support/embedded_home.ts";

let homes: HomeMaker;
Deno.test.beforeAll(async () => {
  homes = await makeHomes();
});
Deno.test.afterAll(() => homes.remove());

async function start(home: string): Promise<EmbeddedServer> {
  return await startEmbedded(smallServer(home));
}

async function keptRows(server: EmbeddedServer): Promise<number[]> {
  const rows = await ask(
    server.addresses.owner,
    (sql) => sql<{ n: number }[]>`select n from kept order by n`,
  );
  return rows.map(({ n }) => n);
}

/** A process of the server's own account: PostgreSQL takes its number in a stale file for a live server. */
async function withStranger(dataDir: string, work: (pid: number) => Promise<void>): Promise<void> {
  const { uid, gid } = await Deno.stat(dataDir);
  const account = Deno.uid() === 0 ? { uid: uid ?? 0, gid: gid ?? 0 } : {};
  const stranger = new Deno.Command("sleep", { args: ["300"], cwd: "/", ...account }).spawn();
  try {
    await work(stranger.pid);
    assert.equal(await isRunning(stranger.pid), true, "the stranger was left alone");
  } finally {
    stranger.kill("SIGKILL");
    await stranger.status;
  }
}

Deno.test("what was committed survives kill -9 of all of PostgreSQL, and the next start works", async () => {
  const home = await homes.make();
  const first = await start(home);
  await ask(first.addresses.owner, async (sql) => {
    await sql`insert into kept values (2)`;
  });
  await killServer(first.pid);
  const { signal } = await first.exited;
  assert.equal(signal, "SIGKILL");
  assert.equal(await findEmbedded(home), undefined);
  await first.stop();
  const second = await start(home);
  try {
    assert.equal(second.adopted, false);
    assert.deepEqual(await keptRows(second), [1, 2]);
  } finally {
    await second.stop();
  }
});

Deno.test("processes that a killed postmaster left behind do not keep the next start away", async () => {
  const first = await start(await homes.make());
  const children = (await processesOf(first.pid)).slice(1);
  const [paused] = children;
  assert.ok(paused !== undefined);
  Deno.kill(paused, "SIGSTOP");
  Deno.kill(first.pid, "SIGKILL");
  await first.exited;
  await first.stop();
  const second = await start(join(first.dataDir, "..", ".."));
  try {
    assert.deepEqual(await keptRows(second), [1]);
    assert.equal(await isRunning(paused), false, "the paused process is gone");
  } finally {
    await second.stop();
  }
});

Deno.test("a stale pid file whose number another process has by now is no obstacle", async () => {
  const home = await homes.make();
  const first = await start(home);
  await killServer(first.pid);
  await first.stop();
  const path = join(first.dataDir, "postmaster.pid");
  const text = await Deno.readTextFile(path);
  await withStranger(first.dataDir, async (pid) => {
    await Deno.writeTextFile(path, text.replace(/^\d+/, `${pid}`));
    assert.equal(await findEmbedded(home), undefined);
    const second = await start(home);
    assert.deepEqual(await keptRows(second), [1]);
    await second.stop();
  });
});

Deno.test("a stale socket and its lock file are no obstacle", async () => {
  const home = await homes.make();
  const first = await start(home);
  await killServer(first.pid);
  await first.stop();
  const lock = join(first.socketDir, ".s.PGSQL.5432.lock");
  const text = await Deno.readTextFile(lock);
  await withStranger(first.dataDir, async (pid) => {
    await Deno.writeTextFile(lock, text.replace(/^\d+/, `${pid}`));
    const second = await start(home);
    assert.deepEqual(await keptRows(second), [1]);
    await second.stop();
  });
});

Deno.test.each(["", "12", "\n", "no number\nat all\n"])(
  "a pid file that holds %j is no obstacle",
  async (content) => {
    const home = await homes.make();
    const path = join(home, "postgres", "data", "postmaster.pid");
    await Deno.writeTextFile(path, content);
    const server = await start(home);
    assert.deepEqual(await keptRows(server), [1]);
    await server.stop();
  },
);

Deno.test("a start that was killed while making the database leaves nothing behind", async () => {
  const home = await homes.make();
  const base = join(home, "postgres");
  await Deno.remove(join(base, "data"), { recursive: true });
  await Deno.mkdir(join(base, "data.new-half", "base"), { recursive: true });
  await Deno.writeTextFile(join(base, "data.new-half", "PG_VERSION"), "18\n");
  await Deno.mkdir(join(base, "data"));
  const server = await start(home);
  try {
    const [row] = await ask(server.addresses.serve, (sql) => sql`select current_user as me`);
    assert.equal(row?.me, "spgov_serve");
    const names = await Array.fromAsync(Deno.readDir(base), ({ name }) => name);
    assert.deepEqual(names.filter((name) => name.startsWith("data")), ["data"]);
  } finally {
    await server.stop();
  }
});

Deno.test("a folder that holds something else is refused and left as it is", async () => {
  const home = await homes.make();
  const data = join(home, "postgres", "data");
  await Deno.rename(join(data, "PG_VERSION"), join(data, "PG_VERSION.lost"));
  await assert.rejects(
    start(home),
    (error) =>
      error instanceof AppError && error.code === "invalid" && error.message.includes(data),
  );
  await Deno.rename(join(data, "PG_VERSION.lost"), join(data, "PG_VERSION"));
  const server = await start(home);
  assert.deepEqual(await keptRows(server), [1]);
  await server.stop();
});

Deno.test("of two starts on one home one wins and the other gets a conflict", async () => {
  const home = await homes.make();
  const results = await Promise.allSettled([start(home), start(home)]);
  const won = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  const lost = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
  try {
    assert.equal(won.length, 1);
    assert.ok(lost[0] instanceof AppError && lost[0].code === "conflict", Deno.inspect(lost));
    assert.match(lost[0].message, /Another process runs the database/);
    const [server] = won;
    assert.ok(server);
    assert.deepEqual(await keptRows(server), [1]);
  } finally {
    await Promise.all(won.map((server) => server.stop()));
  }
  const again = await start(home);
  await again.stop();
});

Deno.test("lost passwords are renewed, the data stays", async () => {
  const home = await homes.make();
  await Deno.remove(join(home, "keys"), { recursive: true });
  const first = await start(home);
  assert.deepEqual(await keptRows(first), [1]);
  await first.stop();
  const path = join(home, "keys", "database.json");
  const keys = JSON.parse(await Deno.readTextFile(path)) as Record<string, string>;
  await Deno.writeTextFile(path, JSON.stringify({ ...keys, spgov_owner: "of another home" }));
  const second = await start(home);
  try {
    assert.deepEqual(await keptRows(second), [1]);
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  } finally {
    await second.stop();
  }
});

Deno.test("a home that was made before a login existed gets it at the next start", async () => {
  const home = await homes.make();
  const first = await start(home);
  await ask(first.addresses.owner, async (sql) => {
    await sql`drop role spgov_vault`;
  });
  await first.stop();
  const path = join(home, "keys", "database.json");
  const { spgov_vault: _, ...older } = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify(older));
  const second = await start(home);
  try {
    const [row] = await ask(
      second.addresses.vault,
      (sql) => sql`select session_user as me, rolsuper from pg_roles where rolname = session_user`,
    );
    assert.deepEqual([row?.me, row?.rolsuper], ["spgov_vault", false]);
    assert.deepEqual(await keptRows(second), [1]);
  } finally {
    await second.stop();
  }
});

Deno.test("a home whose data is gone is not silently begun anew", async () => {
  const home = await homes.make();
  await Deno.remove(join(home, "postgres"), { recursive: true });
  await assert.rejects(
    start(home),
    (error) =>
      error instanceof AppError && error.code === "invalid" && /is gone/.test(error.message),
  );
});
