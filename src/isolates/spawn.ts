import { connect, type Connection } from "../kernel/rpc.ts";
import { type PermissionList, toDenoPermissions } from "./permissions.ts";
import type { IsolateName } from "./protocol.ts";
import { entryUrl } from "./entries.ts";

/** A running isolate and the functions it serves. */
export interface Isolate<Api> {
  readonly name: string;
  readonly remote: Connection<Api>["remote"];
  /** Resolves with the reason when the isolate ends without being asked to. */
  readonly crashed: Promise<string>;
  terminate(): void;
}

/** Starts an isolate that can do what `permissions` says and nothing else. */
export function spawnIsolate<Api>(
  kind: IsolateName,
  name: string,
  permissions: PermissionList,
): Isolate<Api> {
  const worker = new Worker(entryUrl(kind), {
    type: "module",
    name,
    deno: { permissions: toDenoPermissions(permissions) },
  });
  const connection = connect<Api>(worker);
  const { promise: crashed, resolve } = Promise.withResolvers<string>();
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    connection.abort(`Isolate ${name} failed`);
    resolve(event.message);
  });
  return {
    name,
    remote: connection.remote,
    crashed,
    terminate: () => {
      connection.abort(`Isolate ${name} was ended`);
      worker.terminate();
    },
  };
}
