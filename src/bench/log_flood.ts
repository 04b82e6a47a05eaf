/// <reference lib="deno.worker" />
import { openPool } from "../db/mod.ts";
import { secretsConfig } from "../governance/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { createIsolateLog } from "../kernel/log_isolate.ts";
import { serve } from "../kernel/rpc.ts";
import { createLineRedactor, LogHub, TableWriter } from "../logs/mod.ts";

export interface FloodApi {
  /** Says lines as an isolate would, which a hub as the service's takes, until `stop`. */
  start(database: DatabaseAddress, linesPerSecond: number): void;
  /** Answers how many were kept a second. */
  stop(): Promise<number>;
}

const WRITER = "bench/logs";
let end: (() => Promise<number>) | undefined;

function start(database: DatabaseAddress, linesPerSecond: number): void {
  const sql = openPool(database, { max: 1, applicationName: "spgov bench" });
  const table = new TableWriter({ sql, writer: WRITER, onState: () => {} });
  const levels = { level: "debug", modules: {} } as const;
  const redact = createLineRedactor(secretsConfig.parse({}), new Uint8Array(32));
  const targets = {
    redact,
    print: undefined,
    file: undefined,
    table,
    tableLevel: "debug",
  } as const;
  const hub = new LogHub(targets, levels);
  const { port1, port2 } = new MessageChannel();
  hub.attach("bench", port1);
  const { log, outbox } = createIsolateLog("bench", levels, port2);
  const from = performance.now();
  let said = 0;
  const timer = setInterval(() => {
    const due = (performance.now() - from) / 1000 * linesPerSecond;
    for (; said < due; said++) {
      log.debug("A line of the benchmark", { n: said, path: "/src/main.ts" });
    }
  }, 10);
  end = async () => {
    clearInterval(timer);
    await outbox.flush(30_000);
    await table.close(30_000);
    const seconds = (performance.now() - from) / 1000;
    await hub.close();
    outbox.close();
    const [head] = await sql`select n from log_heads where writer = ${WRITER}`;
    await sql`delete from log_heads where writer = ${WRITER}`;
    await sql.end({ timeout: 5 });
    return Number(head?.n ?? 0) / seconds;
  };
}

serve<FloodApi>(self as unknown as Worker, { start, stop: async () => await end?.() ?? 0 });
