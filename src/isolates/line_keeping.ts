import type { Log } from "../kernel/log.ts";
import type { LogOutbox } from "../kernel/log_outbox.ts";
import { keepIsolate, type Kept } from "./kept.ts";
import type { LogsSetup } from "./logs_setup.ts";
import type { PermissionList } from "./permissions.ts";
import type { EgressApi, LoggingApi, LogsApi, LogsStart } from "./protocol.ts";
import { sinkSecretNames } from "./sink_secrets.ts";
import { type Isolate, spawnIsolate } from "./spawn.ts";

export interface LineKeepingStart {
  readonly permissions: () => PermissionList;
  readonly log: Log;
  readonly onRestart: (name: string) => void;
  readonly options: () => Promise<LogsStart>;
  /** Those whose lines it takes. */
  readonly others: () => readonly Isolate<LoggingApi>[];
  /** Gives out the credentials of collectors. */
  readonly egress: () => Isolate<EgressApi>;
}

/** The isolate that keeps the lines of all others, and the others' ways to it. */
export interface LineKeeping {
  /** The one that runs now; undefined before the start. */
  readonly current: Isolate<LogsApi> | undefined;
  /** Starts it, and again whenever it fails. */
  start(start: LineKeepingStart): Promise<void>;
  /** Lets it ask this egress for the credentials of collectors. */
  useEgress(egress: Isolate<EgressApi>): Promise<void>;
  /** Has the lines of an isolate kept that was started meanwhile. */
  keepOf(isolate: Isolate<LoggingApi>): Promise<void>;
  /** Puts another configuration in force; in an isolate of its own where that takes other permissions. */
  configure(setup: LogsSetup, samePermissions: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** @param own Where the supervisor's own lines wait. */
export function createLineKeeping(own: LogOutbox): LineKeeping {
  let kept: Kept<LogsApi> | undefined;
  let setup: LogsSetup | undefined;
  let egress: (() => Isolate<EgressApi>) | undefined;

  async function launch(start: LineKeepingStart): Promise<Isolate<LogsApi>> {
    const keeper = spawnIsolate<LogsApi>("logs", "logs", start.permissions());
    try {
      const options = await start.options();
      setup = options.setup;
      await keeper.remote.start(options);
      await give(keeper, start.egress());
      const { port1, port2 } = new MessageChannel();
      await keeper.remote.attach("supervisor", port1);
      own.attach(port2);
      await Promise.all(start.others().map((each) => connect(keeper, each)));
      return keeper;
    } catch (error) {
      keeper.terminate();
      throw error;
    }
  }

  /** One that fails meanwhile is started again, and connected then. */
  async function connect(keeper: Isolate<LogsApi>, isolate: Isolate<LoggingApi>): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    try {
      await keeper.remote.attach(isolate.name, port1);
      await isolate.remote.useLog(port2);
    } catch {
      // As said above.
    }
  }

  async function give(keeper: Isolate<LogsApi>, from: Isolate<EgressApi>): Promise<void> {
    if (!setup) return;
    const { port1, port2 } = new MessageChannel();
    try {
      await from.remote.giveSinkSecrets(port1, sinkSecretNames(setup.log));
      await keeper.remote.useSecrets(port2);
    } catch {
      // As above.
    }
  }

  return {
    get current() {
      return kept?.current;
    },
    async start(start) {
      egress = start.egress;
      kept = await keepIsolate("logs", () => launch(start), start.log, start.onRestart);
    },
    async useEgress(from) {
      if (kept) await give(kept.current, from);
    },
    async keepOf(isolate) {
      if (kept) await connect(kept.current, isolate);
    },
    async configure(next, samePermissions) {
      setup = next;
      if (!kept || !egress) return;
      if (!samePermissions) return await kept.renew();
      await give(kept.current, egress());
      await kept.current.remote.configure(next).catch(() => undefined);
    },
    async stop() {
      await own.flush();
      own.close();
      await kept?.stop();
    },
  };
}
