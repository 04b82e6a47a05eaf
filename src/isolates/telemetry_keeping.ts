import type { Log } from "../kernel/log.ts";
import { keepIsolate, type Kept } from "./kept.ts";
import type { PermissionList } from "./permissions.ts";
import type { TelemetryApi, TelemetryStart } from "./protocol.ts";
import { type Isolate, spawnIsolate } from "./spawn.ts";
import type { TelemetrySetup } from "./telemetry_setup.ts";

/** The isolate that sends traces and metrics; there is none unless something is to be sent. */
export interface TelemetryKeeping {
  readonly current: Isolate<TelemetryApi> | undefined;
  /** Starts, replaces or ends it, where that is another setup than before. */
  configure(setup: TelemetrySetup | undefined): Promise<void>;
  stop(): Promise<void>;
}

export interface TelemetryKeepingOptions {
  readonly permissions: () => PermissionList;
  readonly options: (setup: TelemetrySetup) => Promise<TelemetryStart>;
  /** Has its lines kept. */
  readonly keepLines: (isolate: Isolate<TelemetryApi>) => Promise<void>;
  readonly onRestart: (name: string) => void;
  readonly log: Log;
}

export function createTelemetryKeeping(
  { permissions, options, keepLines, onRestart, log }: TelemetryKeepingOptions,
): TelemetryKeeping {
  let kept: Kept<TelemetryApi> | undefined;
  let inForce: string | undefined;

  async function start(setup: TelemetrySetup): Promise<Isolate<TelemetryApi>> {
    const isolate = spawnIsolate<TelemetryApi>("telemetry", "telemetry", permissions());
    try {
      await isolate.remote.start(await options(setup));
      await keepLines(isolate);
      return isolate;
    } catch (error) {
      isolate.terminate();
      throw error;
    }
  }

  async function stop(): Promise<void> {
    const old = kept;
    kept = undefined;
    await old?.stop();
  }

  return {
    get current() {
      return kept?.current;
    },
    async configure(setup) {
      const wanted = setup && JSON.stringify(setup);
      if (wanted === inForce) return;
      // Never two at a time: both would send the same spans.
      await stop();
      inForce = wanted;
      if (setup) kept = await keepIsolate("telemetry", () => start(setup), log, onRestart);
    },
    stop,
  };
}
