import assert from "node:assert/strict";
import { openPool } from "../../src/db/mod.ts";
import {
  checkInvariant,
  decisionsOf,
  pause,
  startFaultLoad,
  untilAllowed,
} from "../support/fault_load.ts";
import { scaled } from "../support/fault_scale.ts";
import { faultTest, startFaultService } from "../support/fault_service.ts";
import type { TestService } from "../support/service.ts";

let service: TestService;
Deno.test.beforeAll(async () => {
  service = await startFaultService();
});
Deno.test.afterAll(() => service.stop());

function nested(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
}

/** Arguments that databases and hashes stumble over, as JSON text, and what becomes of the call. */
const POISON: readonly (readonly [string, "allow" | "deny"])[] = [
  [String.raw`{"file_path":"a\u0000b"}`, "allow"],
  [String.raw`{"\u0000":"key"}`, "allow"],
  [String.raw`{"file_path":"\ud800"}`, "allow"],
  [String.raw`{"\udfff":"\udc00\ud800"}`, "allow"],
  [String.raw`{"file_path":"\u001e\u001f\u2028"}`, "allow"],
  [`{"file_path":{"a":${nested(58)}}}`, "allow"],
  [`{"file_path":${nested(70)}}`, "deny"],
  [`{"file_path":"${"x ".repeat(100_000)}"}`, "allow"],
  [`{"file_path":"${"x ".repeat(600_000)}"}`, "deny"],
  [`{"number":[1e308,-0,5e-324,123456789012345678901234567890]}`, "allow"],
  [`{"number":1e999}`, "deny"],
  [`{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`, "allow"],
];

const EVERY = 10;

faultTest("R14: a row that cannot be stored as it is harms no other", async () => {
  const poisoned = new Map<string, "allow" | "deny">();
  const load = await startFaultLoad(service, {
    body(id, marker, serial) {
      if (serial % EVERY !== 0) return undefined;
      const [input, expected] = POISON[serial / EVERY % POISON.length] ?? ["{}", "allow"];
      poisoned.set(id, expected);
      return `{"hook_event_name":"PreToolUse","session_id":"${marker}","tool_name":"Read",` +
        `"tool_use_id":"${id}","tool_input":${input}}`;
    },
  });
  await pause(scaled(3000, 60_000));
  const report = await load.stop();
  // A body that is refused as a whole names nothing that its row could be found by.
  const unreadable = [...report.denied].filter((id) => poisoned.has(id));
  const denied = report.denied.difference(new Set(unreadable));
  await checkInvariant(service, load, { ...report, denied });
  assert.equal(await countInvalid(), unreadable.length);
  await untilAllowed(service, 5000);

  const stored = await decisionsOf(service, load.marker);
  assert.ok(poisoned.size >= POISON.length);
  for (const [id, expected] of poisoned) {
    assert.equal(report.allowed.has(id), expected === "allow", `${id} ${expected}`);
    if (expected === "allow") assert.equal(stored.get(id)?.decision, "allow");
  }
  assert.equal(report.refused.size + report.unknown.size, 0);
  assert.equal(
    report.allowed.size,
    report.sent - [...poisoned.values()].filter((e) => e === "deny").length,
  );
});

/** Rows of bodies that could not be read. */
async function countInvalid(): Promise<number> {
  const sql = openPool(service.database, { max: 1, applicationName: "fault test" });
  try {
    const [row] = await sql`
      select count(*)::int as n from audit where policy = 'invalid_request' and task_id = 'none'`;
    return row?.n;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

faultTest("R14: a call whose very names are not text has a row that verifies", async () => {
  const marker = crypto.randomUUID();
  const token = await service.token();
  for (const field of ["tool_name", "tool_use_id", "session_id", "agent_type"]) {
    const body = {
      hook_event_name: "PreToolUse",
      session_id: marker,
      tool_name: "Read",
      tool_use_id: "one",
      tool_input: {},
      [field]: "half \ud83d",
    };
    const { status, headers } = await service.govern(token, body);
    assert.equal(status, 200);
    assert.ok(headers.get("decisionId"), `${field} has no row`);
  }
  const { code, stdout } = await service.cli("infra", "logs", "verify", "--json");
  assert.equal(code, 0, stdout);
});
