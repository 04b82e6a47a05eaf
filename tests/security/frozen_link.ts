import type { DatabaseAddress } from "../../src/kernel/database_address.ts";

/** A way to the database that can be made to swallow everything without closing anything. */
export interface FreezableLink {
  /** The database through this link. */
  readonly address: DatabaseAddress;
  /** From now on nothing comes through, and nobody is told. */
  freeze(): void;
  close(): Promise<void>;
}

async function connect({ host, port }: DatabaseAddress): Promise<Deno.Conn> {
  return host.startsWith("/")
    ? await Deno.connect({ transport: "unix", path: `${host}/.s.PGSQL.${port}` })
    : await Deno.connect({ hostname: host, port });
}

/** Opens a link on a loopback port of its own. */
export function openLink(target: DatabaseAddress): FreezableLink {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const running = new Set<Promise<void>>();
  let frozen = false;

  async function pump(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
        for (let sent = 0; sent < n && !frozen;) sent += await to.write(buffer.subarray(sent, n));
      }
    } catch {
      // Closed by either side, or by us.
    }
    if (!frozen) closeQuietly(to);
  }
  function closeQuietly(connection: Deno.Conn): void {
    connections.delete(connection);
    try {
      connection.close();
    } catch {
      // Closed already.
    }
  }
  function track(work: Promise<void>): void {
    const tracked = work.finally(() => running.delete(tracked));
    running.add(tracked);
  }
  async function serve(client: Deno.Conn): Promise<void> {
    connections.add(client);
    if (frozen) return;
    const server = await connect(target);
    connections.add(server);
    track(pump(client, server));
    track(pump(server, client));
  }
  track((async () => {
    try {
      for await (const client of listener) track(serve(client));
    } catch {
      // Closed.
    }
  })());
  const { port } = listener.addr;
  return {
    address: { ...target, host: "127.0.0.1", port },
    freeze() {
      frozen = true;
    },
    async close() {
      listener.close();
      for (const connection of [...connections]) closeQuietly(connection);
      while (running.size > 0) await Promise.all(running);
    },
  };
}
