import { createLog, type Log, type LogLevels } from "./log.ts";
import { LogOutbox } from "./log_outbox.ts";

/** The log of an isolate, and where its lines wait to be taken over. */
export interface IsolateLog {
  readonly log: Log;
  readonly outbox: LogOutbox;
}

/** Makes the log of an isolate. Until it is attached its lines go to standard error. */
export function createIsolateLog(
  isolate: string,
  levels: LogLevels,
  port?: MessagePort,
): IsolateLog {
  const outbox = new LogOutbox(levels);
  const module = isolate.replace(/-\d+$/, "");
  const log = createLog({ module, isolate, level: outbox.levels, write: outbox.write });
  outbox.onDropped = (count) =>
    log.of("logs").warn("Lines were dropped: they came faster than they could be kept", { count });
  if (port) outbox.attach(port);
  return { log, outbox };
}
