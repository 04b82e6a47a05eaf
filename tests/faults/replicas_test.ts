import assert from "node:assert/strict";
import { join } from "node:path";
import { openPool } from "../../src/db/mod.ts";
import { checkLog, toolCall, untilAllowed } from "../support/fault_load.ts";
import { scaled } from "../support/fault_scale.ts";
import { faultTest } from "../support/fault_service.ts";
import { type OwnPostgres, startOwnPostgres } from "../support/own_postgres.ts";
import { startService, type TestService } from "../support/service.ts";

const CAP = 60;

let postgres: OwnPostgres;
let replicas: readonly TestService[];

Deno.test.beforeAll(async () => {
  postgres = await startOwnPostgres();
  const common = { database: { url: postgres.url }, gateways: 2, callsPerWindow: CAP };
  const first = await startService(common);
  const key = await Deno.readFile(join(first.home, "keys", "master.key"));
  const second = await startService({
    ...common,
    async prepare(home) {
      const folder = join(home, "keys");
      await Deno.mkdir(folder, { mode: 0o700 });
      await Deno.writeFile(join(folder, "master.key"), key, { mode: 0o600 });
    },
  });
  replicas = [first, second];
});
Deno.test.afterAll(async () => {
  for (const replica of replicas ?? []) await replica.stop();
  await postgres.stop();
});

/** Policies of `count` calls at once, over all gateways of both processes. */
async function callAll(
  token: string,
  count: number,
  session: (i: number) => string,
): Promise<string[]> {
  return await Promise.all(Array.from({ length: count }, async (_, i) => {
    const replica = replicas[i % replicas.length];
    const body = toolCall(`${i}-${crypto.randomUUID()}`, session(i), { file_path: "/tmp/notes" });
    const answer = await replica?.govern(token, body, { connection: "close" });
    assert.equal(answer?.status, 200);
    const allowed = answer.body.hookSpecificOutput.permissionDecision === "allow";
    const policy = answer.headers.get("policy") ?? "none";
    assert.equal(allowed, policy === "default_allow");
    return policy;
  }));
}

function countOf(policies: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const policy of policies) counts[policy] = (counts[policy] ?? 0) + 1;
  return counts;
}

faultTest(
  "exactly the allowed number of calls passes, over two processes with two gateways each",
  async () => {
    for (let round = 0; round < scaled(3, 30); round++) {
      const token = await replicas[0]?.token({ role: "user" }) ?? "";
      const policies = await callAll(token, 4 * CAP, (i) => `claimed-${i}`);
      assert.deepEqual(countOf(policies), { default_allow: CAP, rate_limit: 3 * CAP });
    }
  },
);

faultTest("all four gateways took part, and their rows say the same", async () => {
  const sql = openPool(postgresAddress(), { max: 1, applicationName: "fault test" });
  try {
    const writers = await sql<{ writer: string; n: number }[]>`
      select writer, n from audit_head where writer like '%/gateway-%' and n > 0`;
    assert.equal(writers.length, 4, JSON.stringify(writers));
    const sessions = await sql<{ allowed: number }[]>`
      select count(*) filter (where decision = 'allow')::int as allowed from audit
       where kind = 'decision' and session_id like 'sess_%' group by session_id`;
    for (const { allowed } of sessions) assert.ok(allowed <= CAP, `${allowed} calls were allowed`);
  } finally {
    await sql.end({ timeout: 1 });
  }
});

faultTest("one replica is killed, the other goes on, and the log of both verifies", async () => {
  const [first, second] = replicas;
  assert.ok(first && second);
  first.kill("SIGKILL");
  await untilAllowed(second, 5000);
  await first.restart("SIGKILL");
  await untilAllowed(first, 5000);
  await checkLog(second);
});

function postgresAddress(): TestService["database"] {
  const [first] = replicas;
  if (!first) throw new Error("There is no replica");
  return first.database;
}
