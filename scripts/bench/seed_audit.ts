/**
 * Fills the audit of a database with rows and a chain that verifies, as fast as the server takes them:
 *
 *     deno run -A scripts/bench/seed_audit.ts --url postgres://… [--rows 5000000] [--days 60] [--writer seed0000/gateway-0]
 *
 * The database has to be migrated, and the login has to own it. Prints JSON.
 */
import { parseArgs } from "node:util";
import { genesisRoot, nextRoot } from "../../src/audit/chain.ts";
import { canonicalRow, leafOf } from "../../src/audit/chain.ts";
import type { AuditRow } from "../../src/audit/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { parseDatabaseUrl } from "../../src/kernel/database_address.ts";
import { uuidV7 } from "../../src/kernel/ids.ts";

export interface SeedOptions {
  readonly rows: number;
  /** Rows are spread evenly over this many days before now. */
  readonly days: number;
  readonly writer: string;
  readonly onProgress?: (rows: number) => void;
}

const ROWS_PER_BATCH = 100;
const ROWS_PER_COPY = 20_000;
const COLUMNS =
  "id, created_at, kind, call_id, user_id, session_id, task_id, trace_id, context_id, client_id, " +
  "role, surface, target, decision, policy, detail, cost_microdollars, latency_us";

/** Appends `rows` rows to a new chain; answers how long that took, in seconds. */
export async function seedAudit(sql: Pool, options: SeedOptions): Promise<number> {
  const started = performance.now();
  const { writer, days } = options;
  const from = Date.now() - days * 86_400_000;
  await sql`
    select ensure_audit_partition(day) from generate_series(to_timestamp(${
    from / 1000
  }), now(), '20 days') as day
  `;
  let root: Uint8Array = genesisRoot(writer);
  let [n, batch] = [0, 0];
  const source = makeRows(options, from);
  while (n < options.rows) {
    const batches: Record<string, unknown>[] = [];
    const lines: string[] = [];
    while (lines.length < ROWS_PER_COPY && n < options.rows) {
      const rows = Array.from(
        { length: Math.min(ROWS_PER_BATCH, options.rows - n) },
        () => source.next().value,
      );
      const leaves = new Uint8Array(rows.length * 32);
      rows.forEach((row, i) => leaves.set(leafOf(canonicalRow(row)), i * 32));
      const previous = root;
      root = nextRoot(root, leaves);
      lines.push(...rows.map(copyLine));
      batches.push({
        batch: ++batch,
        first_n: n + 1,
        row_ids: `{${rows.map((row) => row.id).join()}}`,
        leaves: `\\x${leaves.toHex()}`,
        root: `\\x${root.toHex()}`,
        previous_root: `\\x${previous.toHex()}`,
      });
      n += rows.length;
    }
    await copy(sql, lines);
    await sql`
      insert into audit_batches (writer, batch, first_n, row_ids, leaves, root, previous_root)
      select ${writer}, b.* from json_to_recordset(${JSON.stringify(batches)}::text::json)
          as b(batch bigint, first_n bigint, row_ids uuid[], leaves bytea, root bytea, previous_root bytea)
    `;
    options.onProgress?.(n);
  }
  await sql`
    insert into audit_head (writer, n, batch, root, last_at, epoch)
    values (${writer}, ${n}, ${batch}, ${root}, now(), gen_random_uuid())
  `;
  await sql`analyze audit`;
  return (performance.now() - started) / 1000;
}

async function copy(sql: Pool, lines: readonly string[]): Promise<void> {
  const stream = await sql.unsafe(`copy audit (${COLUMNS}) from stdin`).writable();
  const done = new Promise<void>((resolve, reject) =>
    stream.on("finish", resolve).on("error", reject)
  );
  for (let at = 0; at < lines.length; at += 500) {
    if (!stream.write(lines.slice(at, at + 500).join(""))) {
      await new Promise((resolve) => stream.once("drain", resolve));
    }
  }
  stream.end();
  await done;
}

/** A line of COPY's text format. Nothing in these rows but a backslash needs an escape. */
function copyLine(row: AuditRow): string {
  const values = {
    ...row,
    createdAt: new Date(row.createdAt).toISOString(),
    detail: JSON.stringify(row.detail),
  };
  return Object.values(values).join("\t").replaceAll("\\", "\\\\") + "\n";
}

const TARGETS = [
  "tool:Bash",
  "tool:Read",
  "tool:Edit",
  "tool:Grep",
  "mcp:github/create_issue",
  "mcp:files/read",
];
const STAGES = ["identity", "scope", "secrets", "blocklist", "policies", "commit"];

/** Decisions of some hundred sessions, every second allowed one with its outcome behind it. */
function* makeRows({ rows, days }: SeedOptions, from: number): Generator<AuditRow, never> {
  const step = days * 86_400_000 / rows;
  for (let i = 0;; i++) {
    const decision = decisionAt(i, Math.floor(from + i * step));
    yield decision;
    if (decision.decision === "allow" && i % 2 === 0) {
      yield outcomeOf(decision, Math.floor(from + ++i * step));
    }
  }
}

function decisionAt(i: number, createdAt: number): AuditRow {
  const id = uuidV7(createdAt);
  const denied = i % 25 === 7;
  const session = Math.floor(i / 200);
  return {
    id,
    createdAt,
    kind: "decision",
    callId: id,
    userId: `user-${session % 200}`,
    sessionId: `ses_${(session * 2654435761 % 2 ** 32).toString(16).padStart(8, "0")}${session}`,
    taskId: `toolu_${i}`,
    traceId: crypto.randomUUID().replaceAll("-", ""),
    contextId: `ctx-${session}`,
    clientId: "claude-code",
    role: "user",
    surface: "hook",
    target: TARGETS[i % TARGETS.length] ?? "tool:Bash",
    decision: denied ? "deny" : "allow",
    policy: denied ? "secret_detection" : "default_allow",
    detail: {
      event: "PreToolUse",
      reason: denied ? "A GitHub token stands in $.tool_input.command" : "No rule objects",
      rule: denied ? "github_pat" : "default_allow",
      revision: "r1",
      agent: session % 3 === 0 ? "reviewer" : "developer",
      tier_source: "token",
      rules: STAGES.map((stage) => [stage, stage, "pass", 3 + i % 40]),
      input: {
        command: `grep -n "needle ${i}" src/file_${i % 999}.ts | head -20`,
        timeout: 120000,
      },
      input_bytes: 80,
      input_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      context: { cwd: "/home/ada/project", address: "127.0.0.1" },
    },
    costMicrodollars: 0,
    latencyUs: 900 + i % 700,
  };
}

function outcomeOf(decision: AuditRow, createdAt: number): AuditRow {
  return {
    ...decision,
    id: uuidV7(createdAt),
    createdAt,
    kind: "outcome",
    decision: "ok",
    detail: {
      event: "PostToolUse",
      output: "12: needle\n40: needle\n",
      output_bytes: 24,
      duration_ms: 31,
    },
    costMicrodollars: 140,
    latencyUs: 31_000,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      rows: { type: "string", default: "5000000" },
      days: { type: "string", default: "60" },
      writer: { type: "string", default: "seed0000/gateway-0" },
    },
  });
  const sql = openPool(parseDatabaseUrl(values.url ?? Deno.env.get("DATABASE_URL") ?? ""), {
    max: 2,
    applicationName: "seed audit",
  });
  const rows = Number(values.rows);
  const encoder = new TextEncoder();
  const seconds = await seedAudit(sql, {
    rows,
    days: Number(values.days),
    writer: values.writer,
    onProgress: (n) => Deno.stderr.writeSync(encoder.encode(`\r${n}`)),
  });
  await sql.end();
  const report = {
    rows,
    seconds: Math.round(seconds * 10) / 10,
    per_second: Math.round(rows / seconds),
  };
  Deno.stdout.writeSync(encoder.encode(`\n${JSON.stringify(report)}\n`));
}
