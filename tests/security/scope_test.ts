import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createCall, type Request } from "../../src/governance/call.ts";
import {
  type AgentConfig,
  agentProblems,
  agentSchema,
  effectiveTier,
  hasPermission,
  type RolesConfig,
  rolesSchema,
} from "../../src/governance/roles/mod.ts";
import { createScopeStage } from "../../src/governance/stages/scope.ts";
import { parseConfig } from "../../src/kernel/config_file.ts";
import { type Tier, TIER_RANK, TIERS } from "../../src/kernel/tiers.ts";

const SERVICES = new URL("../../services/", import.meta.url);

function load<T>(parsed: ReturnType<typeof parseConfig>): T {
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value as T;
}

function read(path: string): string {
  return readFileSync(new URL(path, SERVICES), "utf8");
}

const roles = load<RolesConfig>(
  parseConfig(rolesSchema, read("governance/roles.yaml"), "roles.yaml"),
);
const shipped = ["developer_agent", "associate_agent", "claude_code"].map((name) =>
  load<AgentConfig>(parseConfig(agentSchema, read(`agents/${name}.yaml`), `${name}.yaml`))
);
const bound: AgentConfig = {
  name: "books",
  description: "",
  tier: "admin",
  agent_types: ["bookkeeper"],
  users: ["user-1"],
  departments: ["finance"],
  targets: { deny: ["tool:Write"] },
};
const agents = [...shipped, bound];
const stage = createScopeStage(roles, agents);

interface Who {
  readonly tier?: Tier;
  /** The agent that the token is bound to. */
  readonly token?: string;
  readonly agent?: string;
  readonly user?: string;
  readonly department?: string;
  /** The department and those above it. */
  readonly departments?: readonly string[];
  readonly keyScopes?: readonly string[];
}

function callOf(who: Who, target: string, tool = target.replace(/^tool:/, "")) {
  const request: Request = {
    surface: "hook",
    event: "PreToolUse",
    target,
    tool,
    input: {},
    inputPath: "$.tool_input",
    agent: who.agent,
    plugin: undefined,
    context: {},
  };
  const correlation = {
    userId: who.user ?? "user-9",
    sessionId: "s",
    taskId: "t",
    traceId: "0".repeat(32),
    contextId: "c",
    clientId: "cl",
  };
  return createCall(
    {
      ...{ correlation, tier: who.tier ?? "user", department: who.department, agent: who.token },
      ...{ departments: who.departments, keyScopes: who.keyScopes },
    },
    request,
    0,
  );
}

function decide(who: Who, target: string, tool?: string) {
  return stage.evaluate({ call: callOf(who, target, tool), tier: who.tier ?? "user" });
}

const TIER_CASES: readonly (readonly [Who, Tier, string])[] = [
  [{ tier: "admin" }, "admin", "token"],
  [{ tier: "user" }, "user", "token"],
  [{ tier: "admin", agent: "developer_agent" }, "admin", "agent"],
  [{ tier: "admin", agent: "associate_agent" }, "user", "agent"],
  [{ tier: "user", agent: "developer_agent" }, "user", "agent"],
  [{ tier: "anonymous", agent: "developer_agent" }, "anonymous", "agent"],
  [{ tier: "mcp", agent: "associate_agent" }, "mcp", "agent"],
  [{ tier: "admin", agent: "general-purpose" }, "admin", "agent"],
  [{ tier: "user", agent: "Explore" }, "user", "agent"],
  [{ tier: "admin", agent: "explore" }, "anonymous", "unknown_agent"],
  [{ tier: "admin", agent: "nobody" }, "anonymous", "unknown_agent"],
  [{ tier: "admin", agent: "" }, "anonymous", "unknown_agent"],
  [{ tier: "admin", agent: "__proto__" }, "anonymous", "unknown_agent"],
  [{ tier: "admin", agent: "constructor" }, "anonymous", "unknown_agent"],
  [{ tier: "admin", agent: "books" }, "anonymous", "unbound_agent"],
  [{ tier: "admin", agent: "books", user: "user-1" }, "admin", "agent"],
  [{ tier: "user", agent: "bookkeeper", department: "finance" }, "user", "agent"],
  [{ tier: "user", agent: "bookkeeper", department: "sales" }, "anonymous", "unbound_agent"],
  [
    { tier: "user", agent: "bookkeeper", department: "emea", departments: ["emea", "finance"] },
    "user",
    "agent",
  ],
  // A token that is bound to an agent: the body may name another, but gains nothing by it.
  [{ tier: "admin", token: "associate_agent" }, "user", "agent"],
  [{ tier: "admin", token: "associate_agent", agent: "developer_agent" }, "user", "agent"],
  [{ tier: "admin", token: "developer_agent", agent: "associate_agent" }, "user", "agent"],
  [{ tier: "admin", token: "nobody", agent: "developer_agent" }, "anonymous", "unknown_agent"],
  [{ tier: "admin", token: "developer_agent", agent: "nobody" }, "anonymous", "unknown_agent"],
];

Deno.test("the agent that a token is bound to narrows the targets, whatever the body names", () => {
  const bookkeeper = { user: "user-1", token: "books" };
  for (const agent of [undefined, "books", "bookkeeper", "developer_agent"]) {
    const who = agent === undefined ? bookkeeper : { ...bookkeeper, agent };
    assert.equal(decide(who, "tool:Write").denial?.rule, "agent_target", agent);
    assert.equal(decide(who, "tool:Read").denial, undefined, agent);
  }
});

Deno.test("effectiveTier() lowers the token's tier by the agent and never raises it", () => {
  for (const [who, tier, source] of TIER_CASES) {
    const found = effectiveTier(callOf(who, "tool:Read"), agents);
    assert.deepEqual([found.tier, found.source], [tier, source], JSON.stringify(who));
  }
});

Deno.test("effectiveTier() raises no tier for any agent", () => {
  for (const tier of TIERS) {
    for (const agent of [undefined, "books", "developer_agent", "nobody", "Explore"]) {
      const call = callOf(agent === undefined ? { tier } : { tier, agent }, "prompt");
      assert.ok(TIER_RANK[effectiveTier(call, agents).tier] <= TIER_RANK[tier]);
    }
  }
});

const DECISIONS: readonly (readonly [Who, string, string | undefined])[] = [
  [{ tier: "admin" }, "mcp:systemprompt/list_agents", undefined],
  [{ tier: "admin" }, "mcp:spgov/anything", undefined],
  [{ tier: "user" }, "tool:Bash", undefined],
  [{ tier: "user" }, "prompt", undefined],
  [{ tier: "user" }, "model:anthropic/claude", undefined],
  [{ tier: "user" }, "mcp:github/create_issue", undefined],
  [{ tier: "user" }, "mcp:systemprompt/list_agents", "role_target"],
  [{ tier: "user" }, "mcp:SystemPrompt/list_agents", "role_target"],
  [{ tier: "user" }, "mcp:skill-manager/x", "role_target"],
  [{ tier: "user" }, "mcp:spgov/users", "role_target"],
  [{ tier: "user", agent: "developer_agent" }, "mcp:systemprompt/list_agents", "role_target"],
  [{ tier: "admin", agent: "associate_agent" }, "mcp:systemprompt/list_agents", "role_target"],
  [{ tier: "admin", agent: "developer_agent" }, "mcp:systemprompt/list_agents", undefined],
  [{ tier: "admin", agent: "forged" }, "mcp:systemprompt/list_agents", "role_target"],
  [{ tier: "admin", agent: "forged" }, "tool:Bash", "role_target"],
  [{ tier: "admin", agent: "forged" }, "tool:Read", undefined],
  [{ tier: "admin", agent: "forged" }, "model:anthropic/claude", "role_permission"],
  [{ tier: "admin", agent: "books" }, "tool:Bash", "role_target"],
  [{ tier: "admin", agent: "books", user: "user-1" }, "tool:Bash", undefined],
  [{ tier: "admin", agent: "books", user: "user-1" }, "tool:Write", "agent_target"],
  [{ tier: "admin", agent: "books", user: "user-1" }, "tool:write", "agent_target"],
  [{ tier: "user", department: "finance" }, "mcp:github/create_issue", "department_target"],
  [
    { tier: "user", department: "emea", departments: ["emea", "payroll", "finance"] },
    "mcp:github/create_issue",
    "department_target",
  ],
  [{ tier: "admin", keyScopes: ["audit:read"] }, "tool:Read", "role_permission"],
  [{ tier: "admin", keyScopes: ["calls:prompt"] }, "mcp:github/create_issue", "role_permission"],
  [{ tier: "admin", keyScopes: ["calls:tool"] }, "tool:Read", undefined],
  [{ tier: "admin", keyScopes: ["calls:*"] }, "prompt", undefined],
  [{ tier: "mcp", keyScopes: ["*"] }, "tool:Read", "role_target"],
  [{ tier: "admin", department: "finance" }, "mcp:github/create_issue", "department_target"],
  [{ tier: "user", department: "finance" }, "mcp:ledger/deploy_books", "department_target"],
  [{ tier: "user", department: "finance" }, "mcp:ledger/post", undefined],
  [{ tier: "user", department: "unheard-of" }, "mcp:github/create_issue", undefined],
  [{ tier: "service" }, "mcp:systemprompt/x", "role_target"],
  [{ tier: "mcp" }, "tool:Bash", "role_target"],
  [{ tier: "mcp" }, "model:anthropic/claude", "role_permission"],
  [{ tier: "a2a" }, "tool:Bash", "role_target"],
  [{ tier: "anonymous" }, "tool:Bash", "role_target"],
  [{ tier: "anonymous" }, "tool:read", "role_target"],
  [{ tier: "anonymous" }, "prompt", undefined],
  [{ tier: "anonymous" }, "agent:x", "role_permission"],
  [{ tier: "user" }, "something", "role_permission"],
];

Deno.test("the scope stage decides by role, department and agent", () => {
  for (const [who, target, rule] of DECISIONS) {
    const { denial, rules } = decide(who, target);
    assert.equal(denial?.rule, rule, `${JSON.stringify(who)} ${target}`);
    assert.equal(denial?.policy, rule && "scope_restriction");
    assert.equal(rules.find((r) => r.verdict === "deny")?.rule, rule);
    assert.equal(rules.length, 5);
    assert.ok(rules.every((r) => r.stage === "scope" && r.us >= 0));
  }
});

Deno.test("the scope stage sees through the client's spelling of an MCP tool", () => {
  const tool = "mcp__systemprompt__list_agents";
  assert.equal(decide({ tier: "user" }, `tool:${tool}`, tool).denial?.rule, "role_target");
  assert.equal(decide({ tier: "admin" }, `tool:${tool}`, tool).denial, undefined);
});

Deno.test("a denial says who was refused what, and later rules are skipped", () => {
  const { denial, rules } = decide({ tier: "admin", agent: "forged" }, "tool:Bash");
  assert.equal(
    denial?.reason,
    'Role "anonymous" (the agent is not known here) may not call "tool:Bash": this is not among its targets',
  );
  assert.deepEqual(rules.map((r) => r.verdict), ["pass", "pass", "deny", "skipped", "skipped"]);
});

Deno.test("hasPermission() grants what is written and nothing that a rank would imply", () => {
  assert.ok(hasPermission(roles, "admin", "users:write"));
  assert.ok(hasPermission(roles, "user", "calls:tool"));
  for (const tier of TIERS.filter((t) => t !== "admin")) {
    assert.ok(!hasPermission(roles, tier, "users:write"), tier);
    assert.ok(!hasPermission(roles, tier, "audit:read"), tier);
  }
  assert.ok(!hasPermission(roles, "user", "calls:toolbox"));
  assert.ok(!hasPermission(roles, "user", "*"));
});

Deno.test("roles.yaml and agent files refuse what they do not know, with a position", () => {
  const bad = read("governance/roles.yaml").replace("departments:", "departmens:");
  const parsed = parseConfig(rolesSchema, bad, "roles.yaml");
  assert.ok(!parsed.ok && parsed.diagnostics[0]?.message.includes("Unknown key"));
  const missing = parseConfig(rolesSchema, "roles: {}\n", "roles.yaml");
  assert.ok(!missing.ok && missing.diagnostics.length === TIERS.length);
  const tier = parseConfig(agentSchema, "name: x\ntier: root\n", "x.yaml");
  assert.ok(!tier.ok && tier.diagnostics[0]?.line === 2);
  assert.ok(!parseConfig(agentSchema, "name: x\n", "x.yaml").ok);
});

Deno.test("agentProblems() names what two agents claim", () => {
  assert.deepEqual(agentProblems(agents), []);
  const twin: AgentConfig = { ...bound, name: "twin", agent_types: ["Explore"] };
  assert.deepEqual(agentProblems([...shipped, twin]), [
    'Agents "claude_code" and "twin" both claim the name "Explore"',
  ]);
});
