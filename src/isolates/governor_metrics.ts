import type { Decided, Governor, Outcome, Request } from "../governance/mod.ts";
import type { Registry } from "../metrics/mod.ts";

/** Seconds: a decision is made within 2 s or not at all. */
const DECISION_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];
/** Seconds; the boundaries that OpenTelemetry's conventions for MCP give. */
const OPERATION_BOUNDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** The governor, and counts of what it decides. Names that clients give are no labels. */
export function measured(governor: Governor, registry: Registry): Governor {
  const decisions = registry.counter(
    { name: "spgov.decisions", unit: "{decision}", help: "Decisions by the policy that decided" },
    ["surface", "decision", "policy"],
  );
  const durations = registry.histogram(
    {
      name: "spgov.decision.duration",
      unit: "s",
      help: "From a call's arrival to its durable row",
    },
    ["surface"],
    DECISION_BOUNDS,
  );
  const outcomes = registry.counter(
    { name: "spgov.outcomes", unit: "{call}", help: "What became of allowed calls" },
    ["surface", "outcome"],
  );
  const executions = registry.histogram(
    {
      name: "spgov.call.duration",
      unit: "s",
      help: "What allowed calls took, as measured by whoever ran them",
    },
    ["surface"],
    OPERATION_BOUNDS,
  );
  const operations = registry.histogram(
    {
      name: "mcp.server.operation.duration",
      unit: "s",
      help: "MCP requests, from their arrival to their result",
    },
    ["mcp.method.name", "gen_ai.operation.name", "server", "gen_ai.tool.name", "error.type"],
    OPERATION_BOUNDS,
  );
  const stages = countStages(registry);

  function countDecision({ surface, event }: Request, decided: Decided, start: number): void {
    const seconds = (performance.now() - start) / 1000;
    const { decision: { outcome, policy }, rules } = decided;
    decisions.add([surface, outcome, policy]);
    durations.record([surface], seconds);
    stages.add(rules);
    if (surface === "mcp" && outcome === "deny") {
      const method = methodName(event);
      operations.record([method, operationOf(method), "", "", policy], seconds);
    }
  }

  function countOutcome(request: Request, { decision, latencyUs }: Outcome): void {
    const { surface } = request;
    const seconds = latencyUs / 1e6;
    outcomes.add([surface, decision]);
    // Clients that do not say how long it took say 0.
    if (latencyUs > 0) executions.record([surface], seconds);
    if (surface !== "mcp") return;
    const method = methodName(request.event);
    // What ran is a tool that its server has: not a name that somebody made up.
    const [, server = "", tool = ""] = /^mcp:([^/]*)\/(.*)$/s.exec(request.target) ?? [];
    operations.record([
      method,
      operationOf(method),
      server,
      method === "tools/call" ? tool : "",
      errorType(decision),
    ], seconds);
  }

  return {
    ...governor,
    decide(caller, request) {
      const start = performance.now();
      return governor.decide(caller, request).then((decided) => {
        countDecision(request, decided, start);
        return decided;
      });
    },
    recordOutcome(caller, request, outcome) {
      countOutcome(request, outcome);
      return governor.recordOutcome(caller, request, outcome);
    },
  };
}

/** How long the stages took, together. */
function countStages(registry: Registry): { add(rules: Decided["rules"]): void } {
  const us = new Map<string, number>();
  registry.observe(
    "counter",
    { name: "spgov.stage.duration", unit: "s", help: "Time spent in the stages of decisions" },
    () => Array.from(us, ([stage, value]) => ({ labels: { stage }, value: value / 1e6 })),
  );
  return {
    add(rules) {
      for (const { stage, us: took } of rules) {
        if (took > 0) us.set(stage, (us.get(stage) ?? 0) + took);
      }
    },
  };
}

const METHODS: ReadonlySet<string> = new Set([
  ...["tools/call", "tools/list", "prompts/get", "prompts/list", "resources/read"],
  ...["resources/list", "resources/templates/list", "resources/subscribe", "resources/unsubscribe"],
  ...["completion/complete", "elicitation/create", "sampling/createMessage", "roots/list"],
]);

function methodName(event: string): string {
  return METHODS.has(event) ? event : "_OTHER";
}

function operationOf(method: string): string {
  return method === "tools/call" ? "execute_tool" : "";
}

function errorType(decision: Outcome["decision"]): string {
  if (decision === "ok") return "";
  return decision === "error" ? "tool_error" : decision;
}
