import { join } from "node:path";
import { appendRows } from "../../src/audit/append.ts";
import { type Checkpoint, openCheckpoint } from "../../src/audit/checkpoint.ts";
import type { AuditRow } from "../../src/audit/event.ts";
import { createSealer, type Sealer } from "../../src/audit/seal.ts";
import { createSigningKey, type SigningKey } from "../../src/audit/signing.ts";
import { verify, type VerifyOptions, type VerifyReport } from "../../src/audit/verify.ts";
import { openPool, type Pool, type Sql } from "../../src/db/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";
import { createLog } from "../../src/kernel/log.ts";
import { createTestDatabase, type TestDatabase } from "../support/mod.ts";

export const KEY: SigningKey = createSigningKey(new Uint8Array(32).fill(7));
export const INSTANCE = "0a1b2c3d";
export const GATEWAY = `${INSTANCE}/gateway-0`;
export const CLI = `${INSTANCE}/cli`;

/** A database with an audit in it, its sealer and the copies outside. */
export interface AuditFixture extends AsyncDisposable {
  readonly database: TestDatabase;
  /** The owner's pool. */
  readonly sql: Pool;
  readonly dir: string;
  readonly checkpoint: Checkpoint;
  readonly sealer: Sealer;
  verify(options?: VerifyOptions, as?: Sql): Promise<VerifyReport>;
}

const silent = createLog({ module: "test", write: () => {} });

export async function createAuditFixture(): Promise<AuditFixture> {
  const database = await createTestDatabase();
  const sql = openPool(database.owner, { max: 4, applicationName: "audit test" });
  const dir = await Deno.makeTempDir();
  const checkpoint = openCheckpoint(join(dir, "seals"));
  const sealer = createSealer({
    sql,
    key: KEY,
    checkpoint,
    clock: systemClock,
    log: silent,
    instance: INSTANCE,
  });
  return {
    database,
    sql,
    dir,
    checkpoint,
    sealer,
    verify: (options = {}, as = sql) =>
      verify(as, {
        keys: [KEY.publicKey],
        checkpoint: openCheckpoint(join(dir, "seals")),
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await database.drop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** A decision with everything a row can have that does not survive a careless round trip. */
export function decision(over: Partial<AuditRow> = {}): AuditRow {
  const createdAt = over.createdAt ?? Date.now();
  const id = over.id ?? uuidV7(createdAt);
  return {
    id,
    createdAt,
    kind: "decision",
    callId: id,
    userId: "ada",
    sessionId: "session-1",
    taskId: "task-1",
    traceId: id.replaceAll("-", ""),
    contextId: "context-1",
    clientId: "claude-code",
    role: "user",
    surface: "hook",
    target: "tool:Bash",
    decision: "allow",
    policy: "default_allow",
    detail: {
      reason: 'No rule objects to "ls \u0000 \ud800"',
      numbers: [0.1, 1e21, 5e-324, -0, 1.7976931348623157e308, 123456789012345680000],
      "\u00e9": "e\u0301",
      long: "a\\b\n\t",
      rules: [["secrets", "secrets", "pass", 12]],
    },
    costMicrodollars: 12,
    latencyUs: 345,
    ...over,
  };
}

/** Appends `count` decisions in batches of `size` to `writer`. */
export async function fill(
  sql: Pool,
  writer: string,
  count: number,
  size = 4,
  over: Partial<AuditRow> = {},
): Promise<AuditRow[]> {
  const rows = Array.from({ length: count }, () => decision(over));
  for (let at = 0; at < count; at += size) {
    await sql.begin((tx) => appendRows(tx, writer, rows.slice(at, at + size)));
  }
  return rows;
}
