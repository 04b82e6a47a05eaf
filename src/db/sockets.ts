import { connect, type NetConnectOpts, type Socket } from "node:net";
import type { DatabaseAddress } from "../kernel/database_address.ts";

/** The sockets of one pool. */
export interface Sockets {
  /** A socket that is connecting to the address; what is written to it meanwhile is kept. */
  open(): Socket;
  /** How many are open, or being opened. */
  readonly count: number;
  /** Closes those that are still open, without waiting for the other side, which may be gone. */
  close(): Promise<void>;
}

function targetOf({ host, port }: DatabaseAddress): NetConnectOpts {
  return host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
}

/**
 * Makes a pool's sockets. The driver forgets its own when it is told to end at once: one that was still
 * connecting stays open until its timer runs out, one to a host that is gone for hours.
 */
export function makeSockets(address: DatabaseAddress, keepAliveSeconds: number): Sockets {
  const live = new Map<Socket, Promise<void>>();
  const target = targetOf(address);
  const isEncrypted = address.tls !== undefined && address.tls.mode !== "disable";
  function open(): Socket {
    const socket = connect(target);
    const closed = Promise.withResolvers<void>();
    live.set(socket, closed.promise);
    socket.once("close", () => {
      live.delete(socket);
      closed.resolve();
    });
    if (!("path" in target)) {
      socket.once("connect", () => {
        socket.setNoDelay(true);
        socket.setKeepAlive(true, keepAliveSeconds * 1000);
      });
    }
    return socket;
  }
  async function close(): Promise<void> {
    const closing = [...live.values()];
    for (const socket of live.keys()) {
      // The driver drops its listeners when it lets a socket go; an error nobody hears would be fatal.
      socket.on("error", () => {});
      socket.destroy();
    }
    // Under TLS the stream above has taken the connection over, and this one never says that it closed.
    if (!isEncrypted) await Promise.all(closing);
  }
  return {
    open,
    close,
    get count() {
      return live.size;
    },
  };
}
