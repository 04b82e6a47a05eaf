import type { Pool } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { connect, type Connection } from "../kernel/rpc.ts";
import { openSink, Shipper } from "../logs/mod.ts";
import type { LogSinkConfig } from "../profile/mod.ts";
import type { SinkSecretsApi } from "./sink_secrets.ts";

/** Everything that is sent to collectors. */
export interface Shipping {
  /** Sends to these from now on; one whose configuration is as before goes on. */
  configure(sinks: readonly LogSinkConfig[]): void;
  /** Asks for credentials over `port` from now on. */
  useSecrets(port: MessagePort): void;
  stop(): Promise<void>;
}

interface Running {
  readonly config: string;
  readonly ending: AbortController;
  readonly done: Promise<void>;
}

/** @param holder Names this process while it sends. */
export function createShipping(sql: Pool, holder: string, log: Log): Shipping {
  const running = new Map<string, Running>();
  /** Ends of those before, which let go of their leases. */
  const ends = new Set<Promise<void>>();
  let secrets:
    | { readonly line: Connection<SinkSecretsApi>; readonly port: MessagePort }
    | undefined;

  async function findSecret(sink: string): Promise<string | undefined> {
    if (!secrets) throw new AppError("unavailable", "Nobody gives out credentials yet");
    return await secrets.line.remote.secretOf(sink);
  }

  function start(config: LogSinkConfig): void {
    const ending = new AbortController();
    const sink = openSink(config, () => findSecret(config.name));
    const before = running.get(config.name)?.done;
    const done = (async () => {
      await before;
      await new Shipper({ sql, config, sink, holder, log }).run(ending.signal);
    })();
    running.set(config.name, { config: JSON.stringify(config), ending, done });
  }

  function end(name: string): void {
    const it = running.get(name);
    it?.ending.abort();
    if (it) ends.add(it.done.finally(() => ends.delete(it.done)));
  }

  return {
    configure(sinks) {
      for (const name of running.keys()) {
        if (sinks.some((sink) => sink.name === name)) continue;
        end(name);
        running.delete(name);
      }
      for (const sink of sinks) {
        if (running.get(sink.name)?.config === JSON.stringify(sink)) continue;
        end(sink.name);
        start(sink);
      }
    },
    useSecrets(port) {
      secrets?.line.abort("Egress was started again");
      secrets?.port.close();
      port.start();
      secrets = { line: connect<SinkSecretsApi>(port), port };
    },
    async stop() {
      for (const name of running.keys()) end(name);
      await Promise.all([...ends, ...[...running.values()].map(({ done }) => done)]);
      secrets?.port.close();
    },
  };
}
