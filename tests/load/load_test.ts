import assert from "node:assert/strict";
import {
  countRowsAt,
  createTemplate,
  type LoadOptions,
  type LoadResult,
  type RowCounts,
  runLoad,
} from "../../src/bench/mod.ts";
import { openPool } from "../../src/db/mod.ts";
import { startService, type TestService } from "../support/service.ts";

const SERIAL = "0000000000";

function call(marker: string, tool: string, input: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    session_id: marker,
    cwd: "/home/dev/shop",
    hook_event_name: "PreToolUse",
    tool_name: tool,
    tool_input: input,
    tool_use_id: `toolu_${SERIAL}`,
  });
}

interface Wish {
  /** One of these in turn, for each token. */
  readonly tokens: readonly string[];
  readonly inputs: readonly (readonly [string, Readonly<Record<string, unknown>>])[];
  readonly connections: number;
  readonly amount: LoadOptions["amount"];
  readonly rate?: number;
}

/** Puts load on the service; what came back, and what stands in the audit of it. */
async function load(
  service: TestService,
  wish: Wish,
): Promise<{ readonly answers: LoadResult; readonly rows: RowCounts }> {
  const marker = crypto.randomUUID();
  const since = Date.now() - 1000;
  const templates = wish.tokens.flatMap((token) =>
    wish.inputs.map(([tool, input]) =>
      createTemplate({
        host: `127.0.0.1:${service.port}`,
        path: "/api/public/hooks/govern?plugin_id=load",
        token,
        body: call(marker, tool, input),
      })
    )
  );
  const answers = await runLoad({
    hostname: "127.0.0.1",
    port: service.port,
    connections: wish.connections,
    templates: (connection) => [...templates.slice(connection % templates.length), ...templates],
    amount: wish.amount,
    ...wish.rate === undefined ? {} : { rate: wish.rate },
  });
  return { answers, rows: await countRowsAt(service.database, marker, since) };
}

const READ = ["Read", { file_path: `/home/dev/shop/src/part_${SERIAL}.rs` }] as const;
const ERASE = ["Bash", { command: `rm -rf / # ${SERIAL}` }] as const;

/**
 * Every request was answered, and each answer has its row. An answer that the audit was unavailable has a row
 * or none (the commit may have been only too late for it), but never an allow that is not recorded.
 */
function assertRecorded({ answers, rows }: { answers: LoadResult; rows: RowCounts }): void {
  const { allow, deny, limited, unavailable } = answers.outcomes;
  assert.deepEqual(answers.errors, {});
  assert.equal(answers.answered, answers.sent);
  assert.equal(allow + deny + limited + unavailable, answers.sent);
  assert.equal(rows.rows, rows.requests, "a request has more than one row");
  assert.ok(rows.requests <= answers.sent && rows.requests >= answers.sent - unavailable);
  assert.ok(
    rows.allow >= allow && rows.allow <= allow + unavailable,
    "allowed calls without a row",
  );
  assert.ok(rows.deny >= deny + limited && rows.deny <= deny + limited + unavailable);
}

async function withService(
  options: Parameters<typeof startService>[0],
  work: (service: TestService) => Promise<void>,
): Promise<void> {
  const service = await startService(options);
  try {
    await work(service);
  } finally {
    await service.stop();
  }
}

async function tokensOf(service: TestService, count: number): Promise<string[]> {
  return await Promise.all(Array.from({ length: count }, () => service.token()));
}

/** Batches that each gateway wrote. */
async function batchesByGateway(service: TestService): Promise<Readonly<Record<string, number>>> {
  const sql = openPool(service.database, { max: 1, applicationName: "tests" });
  try {
    const rows = await sql<{ gateway: string; batches: number }[]>`
      select split_part(writer, '/', 2) as gateway, count(*)::int as batches
        from audit_batches where writer like '%/gateway-%' group by 1
    `;
    return Object.fromEntries(rows.map(({ gateway, batches }) => [gateway, batches]));
  } finally {
    await sql.end({ timeout: 5 });
  }
}

Deno.test("under load, what is allowed, denied and answered is what stands in the audit", async () => {
  await withService({ callsPerWindow: 1_000_000, gateways: 2 }, async (service) => {
    const tokens = await tokensOf(service, 10);
    const wish = { tokens, connections: 20, inputs: [READ, ERASE] };

    const closed = await load(service, { ...wish, amount: { ms: 2000 } });
    assertRecorded(closed);
    assert.ok(closed.answers.outcomes.allow > 0 && closed.answers.outcomes.deny > 0);
    assert.equal(closed.answers.outcomes.limited, 0);
    assert.equal(closed.rows.sessions, tokens.length);

    const open = await load(service, { ...wish, amount: { ms: 2000 }, rate: 100 });
    assertRecorded(open);
    assert.equal(open.answers.sent + open.answers.unsent, 200);

    const batches = await batchesByGateway(service);
    assert.deepEqual(Object.keys(batches).sort(), ["gateway-0", "gateway-1"]);
  });
});

Deno.test("a hot session gets exactly its calls, however many gateways it reaches", async () => {
  // 30 for a user, ten times that for an administrator.
  const cap = 300;
  await withService({ callsPerWindow: cap / 10, gateways: 2 }, async (service) => {
    const [hot = "", other = ""] = await tokensOf(service, 2);
    const found = await load(service, {
      tokens: [hot],
      connections: 40,
      inputs: [READ],
      amount: { count: 3 * cap },
    });
    assertRecorded(found);
    assert.equal(found.rows.allow, cap);
    assert.equal(found.rows.limited, found.rows.requests - cap);
    assert.ok(found.answers.outcomes.allow <= cap);

    const batches = await batchesByGateway(service);
    assert.deepEqual(Object.keys(batches).sort(), ["gateway-0", "gateway-1"]);

    const beside = await load(service, {
      tokens: [other],
      connections: 1,
      inputs: [READ],
      amount: { count: 5 },
    });
    assert.equal(beside.rows.allow, 5, "another session is not held up by it");
  });
});
