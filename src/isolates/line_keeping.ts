import type { Log } from "../kernel/log.ts";
import type { LogOutbox } from "../kernel/log_outbox.ts";
import { keepIsolate, type Kept } from "./kept.ts";
import type { LogsSetup } from "./logs_setup.ts";
import type { PermissionList } from "./permissions.ts";
import type { LoggingApi, LogsApi, LogsStart } from "./protocol.ts";
import { type Isolate, spawnIsolate } from "./spawn.ts";

/** The isolate that keeps the lines of all others, and the others' ways to it. */
export interface LineKeeping {
  /** Starts it, and again whenever it fails; `others` are those whose lines it takes. */
  start(
    permissions: () => PermissionList,
    log: Log,
    options: () => Promise<LogsStart>,
    others: () => readonly Isolate<LoggingApi>[],
    onRestart: (name: string) => void,
  ): Promise<void>;
  /** Has the lines of an isolate kept that was started meanwhile. */
  keepOf(isolate: Isolate<LoggingApi>): Promise<void>;
  /** Puts another configuration in force; in an isolate of its own where that takes other permissions. */
  configure(setup: LogsSetup, samePermissions: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** @param own Where the supervisor's own lines wait. */
export function createLineKeeping(own: LogOutbox): LineKeeping {
  let kept: Kept<LogsApi> | undefined;

  async function connect(keeper: Isolate<LogsApi>, isolate: Isolate<LoggingApi>): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    await keeper.remote.attach(isolate.name, port1);
    await isolate.remote.useLog(port2);
  }

  async function connectOwn(keeper: Isolate<LogsApi>): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    await keeper.remote.attach("supervisor", port1);
    own.attach(port2);
  }

  return {
    async start(permissions, log, options, others, onRestart) {
      kept = await keepIsolate(
        "logs",
        async () => {
          const keeper = spawnIsolate<LogsApi>("logs", "logs", permissions());
          try {
            await keeper.remote.start(await options());
            await connectOwn(keeper);
            // One that fails meanwhile is started again, and connected then.
            await Promise.all(others().map((each) => connect(keeper, each).catch(() => undefined)));
            return keeper;
          } catch (error) {
            keeper.terminate();
            throw error;
          }
        },
        log,
        onRestart,
      );
    },
    async keepOf(isolate) {
      if (kept) await connect(kept.current, isolate).catch(() => undefined);
    },
    async configure(setup, samePermissions) {
      if (samePermissions) await kept?.current.remote.configure(setup).catch(() => undefined);
      else await kept?.renew();
    },
    async stop() {
      await own.flush();
      own.close();
      await kept?.stop();
    },
  };
}
