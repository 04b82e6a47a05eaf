import assert from "node:assert/strict";
import { listen, openPool } from "../../src/db/mod.ts";
import { databaseForFile } from "../support/mod.ts";

const database = databaseForFile({ migrations: [] });

/** Calls that can be waited for, one after the other. */
function recorder<T>(): { add: (value: T) => void; next: () => Promise<T>; all: T[] } {
  const all: T[] = [];
  let seen = 0;
  let wake = Promise.withResolvers<void>();
  return {
    all,
    add(value) {
      all.push(value);
      wake.resolve();
      wake = Promise.withResolvers();
    },
    async next() {
      while (all.length <= seen) await wake.promise;
      return all[seen++] as T;
    },
  };
}

Deno.test("a listener gets what is announced, comes back after a loss and says so", async () => {
  const sql = openPool(database().owner, { max: 1, applicationName: "listen test" });
  const notes = recorder<string>();
  const reconnects = recorder<void>();
  const losses = recorder<string>();
  const listener = listen(database().owner, {
    channel: 'odd "channel"',
    applicationName: "listener",
    onNotify: notes.add,
    onReconnect: reconnects.add,
    onLost: losses.add,
  });
  try {
    await listener.ready;
    await sql.notify('odd "channel"', "first");
    assert.equal(await notes.next(), "first");
    assert.equal(reconnects.all.length, 0);
    const [gone] = await sql`
      select pg_terminate_backend(pid) as gone from pg_stat_activity
       where application_name = 'listener' and datname = current_database()`;
    assert.equal(gone?.gone, true);
    await losses.next();
    await reconnects.next();
    await sql.notify('odd "channel"', "second");
    assert.equal(await notes.next(), "second");
    assert.deepEqual(notes.all, ["first", "second"]);
  } finally {
    await listener.stop();
    await sql.end({ timeout: 5 });
  }
});

Deno.test("a connection that is silently dead is noticed and replaced", async () => {
  // Between the listener and the server stands a relay that can go deaf without closing anything.
  const { owner } = database();
  let deaf = false;
  const open: Deno.Conn[] = [];
  const relay = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  async function pump(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
        if (!deaf) await to.write(buffer.subarray(0, n));
      }
    } catch {
      // Closed at the end of the test.
    }
  }
  const pumps: Promise<void>[] = [];
  async function serve(): Promise<void> {
    for await (const client of relay) {
      const server = owner.host.startsWith("/")
        ? await Deno.connect({ transport: "unix", path: `${owner.host}/.s.PGSQL.${owner.port}` })
        : await Deno.connect({ hostname: owner.host, port: owner.port });
      open.push(client, server);
      pumps.push(pump(client, server), pump(server, client));
    }
  }
  const serving = serve();
  const reconnects = recorder<void>();
  const losses = recorder<string>();
  const port = (relay.addr as Deno.NetAddr).port;
  const listener = listen({ ...owner, host: "127.0.0.1", port }, {
    channel: "c",
    applicationName: "listener",
    onNotify: () => {},
    onReconnect: reconnects.add,
    onLost: losses.add,
    heartbeatMs: 200,
  });
  try {
    await listener.ready;
    deaf = true;
    assert.match(await losses.next(), /does not answer/);
    deaf = false;
    await reconnects.next();
  } finally {
    await listener.stop();
    relay.close();
    for (const connection of open) {
      try {
        connection.close();
      } catch {
        // Closed already.
      }
    }
    await Promise.all([serving, ...pumps]);
  }
});
