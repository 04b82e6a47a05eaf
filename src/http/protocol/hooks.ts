import type {
  Caller,
  Decided,
  Failure,
  Governor,
  Request as GovernedRequest,
} from "../../governance/mod.ts";
import { newTraceId, parentSpanOf, traceIdOf } from "../../kernel/ids.ts";
import type { Tier } from "../../kernel/tiers.ts";
import { type BodyProblem, type ParsedBody, readJsonBody } from "../json_body.ts";
import { type HookEvent, hookResponse, type HookSurface, parseHook } from "../../plugins/mod.ts";
import type { CallLinks } from "./call_links.ts";

/** Bytes that a hook's body may have. */
export const MAX_HOOK_BYTES = 1024 * 1024;

/** Who a token speaks for, or why it speaks for nobody. */
export type Authentication =
  | {
    readonly ok: true;
    readonly userId: string;
    readonly sessionId: string;
    readonly clientId: string;
    readonly tier: Tier;
    readonly department: string | undefined;
    /** Names from the department up to the top of the tree. */
    readonly departments?: readonly string[] | undefined;
    readonly groups?: readonly string[] | undefined;
    /** What an API key reaches of what its tier may. */
    readonly keyScopes?: readonly string[] | undefined;
    /** The agent that the token is bound to. */
    readonly agent: string | undefined;
  }
  | {
    readonly ok: false;
    /** `unavailable`: nothing could be checked, which says nothing about the token. */
    readonly kind: "refused" | "unavailable";
    readonly rule: string;
    readonly reason: string;
    /** Whose token it was, where its signature is genuine: the row is to name them. */
    readonly holder?: {
      readonly userId: string;
      readonly sessionId: string;
      readonly clientId: string;
    };
  };

export interface HookDependencies {
  readonly governor: Governor;
  readonly links: CallLinks;
  /** At once where the token is known. */
  authenticate(
    token: string | undefined,
    address: string,
  ): Authentication | Promise<Authentication>;
  onAllow(): "allow" | "defer";
  /** False when a client address has had its share of recorded failures for now. */
  mayRecordFailure(address: string): boolean;
}

/** One call of a hook endpoint, as far as it could be read. */
interface HookCall {
  readonly event: HookEvent | undefined;
  /** The event's name as far as it is known: the answer has its form. */
  readonly name: string | undefined;
  readonly caller: Caller;
  readonly plugin: string | undefined;
  readonly address: string;
  /** The span that the client sent along. */
  readonly parentSpan: string | undefined;
}

/**
 * Answers a hook call. Always HTTP 200 with a decision in the body: clients take every other status as
 * leave to go ahead.
 */
export async function answerHook(
  deps: HookDependencies,
  surface: HookSurface,
  request: Request,
  address: string,
): Promise<Response> {
  let call: HookCall | undefined;
  try {
    const body = await readJsonBody(request, MAX_HOOK_BYTES);
    const authenticated = deps.authenticate(bearerOf(request), address);
    const authentication = authenticated instanceof Promise ? await authenticated : authenticated;
    call = describe(deps, surface, request, address, body, authentication);
    if (!authentication.ok && authentication.kind === "unavailable") {
      return refuse(call, "audit_unavailable", authentication.reason);
    }
    if (!authentication.ok && !deps.mayRecordFailure(address)) {
      return refuse(call, "auth_failure", authentication.reason);
    }
    const decided = await settle(deps, call);
    return respond(call, decided, deps.onAllow());
  } catch {
    return refuse(call, "stage_error", "The hook could not be processed");
  }
}

/**
 * Denies what comes to no hook endpoint: a client whose address is misspelt must not take "not found" as
 * leave to go ahead.
 */
export async function refuseStrayHook(request: Request): Promise<Response> {
  const body = await readJsonBody(request, MAX_HOOK_BYTES);
  const parsed = body.ok ? parseHook(body.value, "govern") : undefined;
  const event = parsed?.ok ? parsed.event : undefined;
  const name = parsed?.ok ? parsed.event.name : parsed?.event;
  return refuse({ event, name }, "invalid_request", "There is no hook endpoint at this address");
}

function describe(
  deps: HookDependencies,
  surface: HookSurface,
  request: Request,
  address: string,
  body: ParsedBody,
  authentication: Authentication,
): HookCall {
  const parsed = body.ok ? parseHook(body.value, surface) : undefined;
  const event = parsed?.ok ? parsed.event : undefined;
  const name = parsed?.ok ? parsed.event.name : parsed?.event;
  const problem = parsed && !parsed.ok ? parsed : body.ok ? undefined : body.problem;
  const failure = failureOf(authentication, problem);
  return {
    event,
    name,
    caller: callerOf(authentication, request, event, deps.links, failure),
    plugin: pluginOf(request.url),
    address,
    parentSpan: parentSpanOf(request.headers.get("traceparent")),
  };
}

function failureOf(
  authentication: Authentication,
  problem: BodyProblem | { readonly rule: string; readonly reason: string } | undefined,
): Failure | undefined {
  if (!authentication.ok) {
    const { rule, reason } = authentication;
    return { policy: "auth_failure", rule, reason };
  }
  return problem && { policy: "invalid_request", rule: problem.rule, reason: problem.reason };
}

function callerOf(
  authentication: Authentication,
  request: Request,
  event: HookEvent | undefined,
  links: CallLinks,
  failure: Failure | undefined,
): Caller {
  const known = authentication.ok ? authentication : { ...NOBODY, ...authentication.holder };
  const linked = event?.toolUseId === undefined
    ? undefined
    : links.find(known.sessionId, event.toolUseId);
  return {
    correlation: {
      userId: known.userId,
      sessionId: known.sessionId,
      clientId: known.clientId,
      taskId: event?.toolUseId ?? "none",
      contextId: event?.clientSessionId ?? "none",
      traceId: traceIdOf(request.headers.get("traceparent")) ?? linked?.traceId ?? newTraceId(),
    },
    tier: known.tier,
    department: known.department,
    departments: known.departments,
    groups: known.groups,
    keyScopes: known.keyScopes,
    agent: known.agent,
    ...failure && { failure },
  };
}

const NOBODY = {
  userId: "anonymous",
  sessionId: "none",
  clientId: "none",
  tier: "anonymous",
  department: undefined,
  departments: undefined,
  groups: undefined,
  keyScopes: undefined,
  agent: undefined,
} as const;

async function settle(deps: HookDependencies, call: HookCall): Promise<Decided> {
  const { event, caller } = call;
  const request = requestOf(call);
  if (caller.failure || !event) return await deps.governor.decide(caller, request);
  switch (event.kind) {
    case "outcome":
      return await deps.governor.recordOutcome(caller, request, {
        callId: await deps.links.lookUp(caller.correlation.sessionId, event.toolUseId),
        decision: event.outcome ?? "ok",
        latencyUs: durationOf(event),
      });
    case "observe":
      return await deps.governor.observe(caller, request);
    default: {
      const decided = await deps.governor.decide(caller, request);
      if (event.kind === "tool") deps.links.remember(caller.correlation, event.toolUseId, decided);
      return decided;
    }
  }
}

function requestOf(
  { event, name, caller, plugin, address, parentSpan }: HookCall,
): GovernedRequest {
  // Whoever could not be established gets no work done, and nothing kept, beyond what was attempted.
  const unknown = caller.failure?.policy === "auth_failure";
  return {
    surface: "hook",
    event: event?.name ?? name ?? "unknown",
    target: event?.target ?? "unknown",
    tool: event?.tool ?? "",
    input: unknown ? null : event?.input ?? null,
    inputPath: event?.inputPath ?? "$",
    agent: event?.agent,
    plugin,
    context: {
      ...!unknown && event?.context,
      client_address: address,
      ...parentSpan !== undefined && { parent_span_id: parentSpan },
    },
  };
}

/** Microseconds that the client says the tool took; 0 when it does not say. */
function durationOf(event: HookEvent): number {
  const ms = event.context["duration_ms"];
  return typeof ms === "number" && ms >= 0 && ms < 1e9 ? Math.round(ms * 1000) : 0;
}

function respond(call: HookCall, decided: Decided, onAllow: "allow" | "defer"): Response {
  const { decision } = decided;
  const body = hookResponse(call.name, decision, {
    onAllow,
    ...call.event?.kind === "outcome" && { withhold: call.event },
  });
  const response = reply(body);
  response.headers.set("decisionId", decided.id);
  response.headers.set("traceId", decided.traceId);
  response.headers.set("policy", decision.policy);
  addRateLimit(response.headers, decided);
  return response;
}

/** Headers are added to a reply one by one: given all at once, the runtime prepares them twice. */
function reply(body: Readonly<Record<string, unknown>>): Response {
  return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
}

function addRateLimit(headers: Headers, { window, decision }: Decided): void {
  if (window) {
    const resetSeconds = String(Math.ceil(window.resetMs / 1000));
    headers.set("RateLimit-Limit", String(window.cap));
    headers.set("RateLimit-Remaining", String(window.remaining));
    headers.set("RateLimit-Reset", resetSeconds);
    if (decision.policy === "rate_limit") headers.set("Retry-After", resetSeconds);
  }
  if (decision.policy === "audit_unavailable") headers.set("Retry-After", "2");
}

/** A denial that no row stands for. */
function refuse(
  call: Pick<HookCall, "event" | "name"> & Partial<HookCall> | undefined,
  policy: "audit_unavailable" | "auth_failure" | "invalid_request" | "stage_error",
  reason: string,
): Response {
  const body = hookResponse(call?.name, { outcome: "deny", reason }, {
    onAllow: "allow",
    ...call?.event?.kind === "outcome" && { withhold: call.event },
  });
  const response = reply(body);
  response.headers.set("policy", policy);
  if (call?.caller) response.headers.set("traceId", call.caller.correlation.traceId);
  if (policy === "audit_unavailable") response.headers.set("Retry-After", "2");
  return response;
}

/** The bearer token of a request; undefined without one. The scheme's case does not count (RFC 9110). */
export function bearerOf(request: Request): string | undefined {
  const header = request.headers.get("authorization") ?? "";
  return /^bearer +(.+)$/i.exec(header)?.[1];
}

/** Plugins by the query that names them: a client sends the same one with every call. */
const plugins = new Map<string, string | undefined>();
const MAX_PLUGINS = 256;
const MAX_QUERY = 256;

function pluginOf(url: string): string | undefined {
  const at = url.indexOf("?");
  if (at < 0) return undefined;
  const query = url.slice(at + 1);
  if (plugins.has(query)) return plugins.get(query);
  const plugin = new URLSearchParams(query).get("plugin_id")?.slice(0, 128) ?? undefined;
  if (plugins.size >= MAX_PLUGINS) plugins.clear();
  if (query.length <= MAX_QUERY) plugins.set(query, plugin);
  return plugin;
}
