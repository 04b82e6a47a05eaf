/** A span before it is written in a protocol's form. Times are milliseconds since 1970. */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: "internal" | "server" | "client";
  readonly start: number;
  readonly end: number;
  /** What went wrong, in a sentence; undefined where nothing did. */
  readonly error: string | undefined;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** A decision or an outcome, as far as spans tell of it. */
export interface TracedRow {
  readonly id: string;
  readonly createdAt: Date;
  readonly kind: string;
  readonly callId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly traceId: string;
  readonly contextId: string;
  readonly clientId: string;
  readonly surface: string;
  readonly target: string;
  readonly decision: string;
  readonly policy: string;
  readonly latencyUs: number;
  readonly costMicrodollars: number;
  readonly event: string | null;
  readonly agent: string | null;
  readonly rule: string | null;
  readonly reason: string | null;
  readonly model: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** The span of the caller, where it sent one. */
  readonly parentSpanId: string | null;
  /** `[stage, rule, verdict, microseconds, …]` */
  readonly rules: unknown;
}

/**
 * The spans that a row stands for: the decision, and the call itself once it is known what became of it. The
 * decision is a part of the call. Names are those of OpenTelemetry's conventions for GenAI and MCP.
 */
export function spansOf(row: TracedRow): readonly SpanRecord[] {
  if (!/^[0-9a-f]{32}$/.test(row.traceId) || /^0+$/.test(row.traceId)) return [];
  if (row.kind === "outcome") return [callSpan(row)];
  return row.decision === "deny" ? [decisionSpan(row), callSpan(row)] : [decisionSpan(row)];
}

function decisionSpan(row: TracedRow): SpanRecord {
  const start = row.createdAt.getTime();
  const isDenied = row.decision === "deny";
  return {
    traceId: row.traceId,
    spanId: decisionSpanId(row.callId),
    parentSpanId: callSpanId(row.callId),
    name: "spgov.decide",
    kind: "internal",
    start,
    end: start + row.latencyUs / 1000,
    error: undefined,
    attributes: { ...ownAttributes(row), ...stageAttributes(row.rules), ...isDenied && why(row) },
  };
}

function callSpan(row: TracedRow): SpanRecord {
  const start = timeOf(row.callId);
  const end = row.kind === "outcome"
    ? row.createdAt.getTime()
    : row.createdAt.getTime() + row.latencyUs / 1000;
  const type = errorType(row);
  const operation = operationOf(row);
  return {
    traceId: row.traceId,
    spanId: callSpanId(row.callId),
    parentSpanId: row.parentSpanId ?? undefined,
    name: operation.name,
    kind: operation.kind,
    start,
    end: Math.max(start, end),
    error: type === undefined ? undefined : row.reason ?? type,
    attributes: {
      ...operation.attributes,
      ...whose(row),
      ...ownAttributes(row),
      ...type !== undefined && { "error.type": type },
      ...row.decision === "deny" && why(row),
    },
  };
}

interface Operation {
  readonly name: string;
  readonly kind: SpanRecord["kind"];
  readonly attributes: SpanRecord["attributes"];
}

/** What is done, in the words of the conventions. */
function operationOf(row: TracedRow): Operation {
  const [, kind = "", name = ""] = /^(\w+):(.*)$/s.exec(row.target) ?? [];
  if (row.surface === "mcp") return mcpOperation(row, name);
  if (kind === "model") return modelOperation(row, name);
  if (kind === "tool" || kind === "mcp") return toolOperation(row, name);
  return { name: row.target, kind: "internal", attributes: {} };
}

function mcpOperation({ event }: TracedRow, name: string): Operation {
  const [, server = "", what = ""] = /^([^/]*)\/(.*)$/s.exec(name) ?? [];
  const method = event ?? "_OTHER";
  const shared = {
    "mcp.method.name": method,
    "network.transport": "tcp",
    "spgov.mcp.server": server,
  };
  if (method === "tools/call") {
    const attributes = {
      ...shared,
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": what,
    };
    return { name: `${method} ${what}`, kind: "server", attributes };
  }
  if (method === "prompts/get") {
    const prompt = what.replace(/^prompt:/, "");
    const attributes = { ...shared, "gen_ai.prompt.name": prompt };
    return { name: `${method} ${prompt}`, kind: "server", attributes };
  }
  const uri = method === "resources/read"
    ? { "mcp.resource.uri": what.replace(/^resource:/, "") }
    : {};
  return { name: method, kind: "server", attributes: { ...shared, ...uri } };
}

function modelOperation(
  { model, inputTokens, outputTokens }: TracedRow,
  name: string,
): Operation {
  const [, provider = "", asked = name] = /^([^/]*)\/(.*)$/s.exec(name) ?? [];
  return {
    name: `chat ${asked}`,
    kind: "client",
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": provider,
      "gen_ai.request.model": asked,
      ...model !== null && { "gen_ai.response.model": model },
      ...inputTokens !== null && { "gen_ai.usage.input_tokens": inputTokens },
      ...outputTokens !== null && { "gen_ai.usage.output_tokens": outputTokens },
    },
  };
}

function toolOperation({ taskId }: TracedRow, name: string): Operation {
  return {
    name: `execute_tool ${name}`,
    kind: "internal",
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": name,
      "gen_ai.tool.type": "function",
      ...taskId !== "none" && { "gen_ai.tool.call.id": taskId },
    },
  };
}

function whose({ agent, contextId, userId, sessionId }: TracedRow): SpanRecord["attributes"] {
  return {
    "user.id": userId,
    ...sessionId !== "none" && { "session.id": sessionId },
    ...agent !== null && { "gen_ai.agent.name": agent },
    ...contextId !== "none" && { "gen_ai.conversation.id": contextId },
  };
}

function ownAttributes(row: TracedRow): SpanRecord["attributes"] {
  return {
    "spgov.call.id": row.callId,
    "spgov.surface": row.surface,
    "spgov.decision": row.kind === "outcome" ? "allow" : row.decision,
    ...row.kind !== "outcome" && { "spgov.policy": row.policy },
    ...row.costMicrodollars > 0 && { "spgov.cost.microdollars": row.costMicrodollars },
    ...row.kind === "outcome" && row.latencyUs > 0 && { "spgov.call.duration_us": row.latencyUs },
  };
}

function why({ rule, reason }: TracedRow): SpanRecord["attributes"] {
  return {
    ...rule !== null && { "spgov.rule": rule },
    ...reason !== null && { "spgov.reason": reason },
  };
}

/** Microseconds of each stage that took any. */
function stageAttributes(rules: unknown): SpanRecord["attributes"] {
  const us: Record<string, number> = {};
  for (const rule of Array.isArray(rules) ? rules : []) {
    const [stage, , , took] = Array.isArray(rule) ? rule : [];
    if (typeof stage !== "string" || typeof took !== "number" || took <= 0) continue;
    const name = `spgov.stage.${stage}.us`;
    us[name] = Math.round(((us[name] ?? 0) + took) * 10) / 10;
  }
  return us;
}

function errorType({ kind, decision, policy }: TracedRow): string | undefined {
  if (kind === "decision") return decision === "deny" ? policy : undefined;
  if (decision === "ok") return undefined;
  return decision === "error" ? "tool_error" : decision;
}

/** The random half of the call's id: the same for whoever tells of the call. */
function callSpanId(callId: string): string {
  return callId.replaceAll("-", "").slice(16);
}

function decisionSpanId(callId: string): string {
  return [...callSpanId(callId)].reverse().join("");
}

/** The milliseconds that a UUIDv7 begins with. */
function timeOf(id: string): number {
  return parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}
