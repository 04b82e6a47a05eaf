import { createConnection, createServer, type Server, type Socket } from "node:net";

/** Stands between the service and a database and fails as a network does. */
export interface TcpProxy {
  readonly port: number;
  /** From now on nothing passes and nothing is refused; connections stay open. */
  swallow(): void;
  /** Everything passes again, first what was held back. */
  heal(): void;
  /** Resets every connection. */
  reset(): void;
  close(): Promise<void>;
}

/** Forwards a free port of this host to `target`, another port of it. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isSwallowing = false;
  const server = createServer((client) => {
    const upstream = createConnection({ host: "127.0.0.1", port: target });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on("data", (chunk) => to.write(chunk));
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
      from.on("close", () => {
        pairs.delete(pair);
        if (!isSwallowing) to.destroy();
      });
      if (isSwallowing) from.pause();
    }
  });
  const each = (work: (socket: Socket) => void) => {
    for (const pair of pairs) pair.forEach(work);
  };
  return {
    port: await listen(server),
    swallow() {
      isSwallowing = true;
      each((socket) => socket.pause());
    },
    heal() {
      isSwallowing = false;
      each((socket) => socket.resume());
    },
    reset: () => each((socket) => socket.resetAndDestroy()),
    close() {
      each((socket) => socket.destroy());
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) throw new Error("no port");
      resolve(address.port);
    });
  });
}
