import type { Decided, Failure, Request as GovernedRequest } from "../../governance/mod.ts";
import { messageOf, toAppError } from "../../kernel/errors.ts";
import { inTime } from "../../kernel/in_time.ts";
import { outputProblem } from "./output_schema.ts";
import type { Core } from "./core.ts";
import { type GaveUp, startDeadline } from "./deadline.ts";
import { DECISION_META, decisionMeta, denialReply } from "./denial.ts";
import { resultFor } from "./era.ts";
import { callerOf, type Exchange } from "./exchange.ts";
import { forward } from "./forward.ts";
import { CODES, errorReply, objectAt, type Params, type Reply, type RpcError } from "./message.ts";
import type { Hold } from "./pool.ts";
import { cleanResult } from "./result_scan.ts";
import { inputOf, type Route, targetOf } from "./route.ts";
import { knowledgeProblem, plainProblem, takesKnowing } from "./route_check.ts";
import type { Answered, Ask } from "./upstream.ts";

/** How a call that was sent on ended. */
interface Ended extends Answered {
  readonly outcome: "ok" | "error" | GaveUp;
  readonly upstream?: Hold["upstream"] | undefined;
}

/**
 * The one way of a request that does something: decided and recorded, then sent on, its answer searched,
 * its outcome recorded. Both eras and the merged endpoint come through here.
 */
export async function governedCall(core: Core, exchange: Exchange, route: Route): Promise<Reply> {
  const prepared = await prepare(core, exchange, route);
  const request = requestOf(exchange, route);
  const decided = await core.governor.decide(callerOf(exchange, prepared.failure), request);
  if (decided.decision.outcome === "deny") {
    prepared.hold?.release();
    return denialReply(exchange.client.era, route, decided);
  }
  const start = performance.now();
  const ended = await checkOutput(
    core,
    exchange,
    route,
    await run(core, exchange, route, prepared),
  );
  return conclude(core, exchange, { decided, ended, request, start });
}

/** What is known before the decision: why it cannot be allowed, and the upstream where it had to be asked. */
interface Prepared {
  readonly failure?: Failure | undefined;
  readonly hold?: Hold;
  /** Why the upstream could not be opened. */
  readonly unopened?: unknown;
}

const TOO_LATE = "It was not ready in time";

/**
 * Some checks need to know what the server offers, which takes a running one. None is started for a call
 * that is refused anyway.
 */
async function prepare(core: Core, exchange: Exchange, route: Route): Promise<Prepared> {
  const failure = plainProblem(core, exchange, route);
  if (failure || !takesKnowing(route)) return { failure };
  if (!core.pool.isOpen(route.server, exchange)) {
    const { denial } = core.governor.dryRun(callerOf(exchange), requestOf(exchange, route));
    if (denial) return {};
  }
  let hold: Hold | undefined;
  try {
    hold = await inTime(core.pool.get(route.server, exchange), route.server.timeout_ms, TOO_LATE);
    return { hold, failure: await knowledgeProblem(core, exchange, route, hold.upstream) };
  } catch (unopened) {
    hold?.release();
    return { unopened };
  }
}

/** The call as the governor takes it. */
function requestOf(exchange: Exchange, route: Route): GovernedRequest {
  const { input, inputPath } = inputOf(route);
  const client = objectAt(exchange.client, "info")["name"];
  return {
    surface: "mcp",
    event: exchange.request.method,
    target: targetOf(route),
    tool: route.kind === "tool" || route.kind === "prompt" ? route.name : "",
    input,
    inputPath,
    agent: undefined,
    plugin: undefined,
    context: {
      client: typeof client === "string" ? client.slice(0, 128) : undefined,
      client_address: exchange.address,
      endpoint: exchange.endpoint,
      protocol: exchange.client.version,
    },
  };
}

/** Sends an allowed call on. Never rejects: what goes wrong is how it ended. */
async function run(
  core: Core,
  exchange: Exchange,
  route: Route,
  prepared: Prepared,
): Promise<Ended> {
  const { server, name } = route;
  const own = Object.hasOwn(server.tools, name) ? server.tools[name] : undefined;
  const ms = route.kind === "tool" ? own?.timeout_ms ?? server.timeout_ms : server.timeout_ms;
  const deadline = startDeadline(exchange.signal, ms);
  let hold = prepared.hold;
  let giveBack: (() => void) | undefined;
  try {
    if (prepared.unopened !== undefined) throw prepared.unopened;
    giveBack = await core.slotsOf(server.name).take(deadline.signal);
    hold ??= await core.pool.get(server, exchange);
    const { upstream } = hold;
    const ask = exchange.ask && askGoverned(core, exchange, route, exchange.ask);
    const answered = await forward(core, exchange, route, upstream, ask, deadline.signal);
    return {
      ...answered,
      outcome: "error" in answered.reply ? "error" : outcomeOf(answered),
      upstream,
    };
  } catch (error) {
    return { ...failed(core, route, error, ms), upstream: hold?.upstream };
  } finally {
    deadline.clear();
    giveBack?.();
    hold?.release();
  }
}

function outcomeOf({ reply }: Answered): "ok" | "error" {
  return "result" in reply && reply.result["isError"] === true ? "error" : "ok";
}

function failed(core: Core, { server }: Route, error: unknown, ms: number): Ended {
  const none = { bytes: 0, redacted: [] };
  if (error === "cancelled") {
    const reply = errorReply(CODES.unavailable, "The call was cancelled");
    return { ...none, outcome: "cancelled", reply };
  }
  if (error === "timeout") {
    const reply = errorReply(
      CODES.unavailable,
      `Server "${server.name}" did not answer within ${ms} ms`,
      { reason: "timeout" },
    );
    return { ...none, outcome: "timeout", reply };
  }
  const { code, message, details } = toAppError(error);
  core.log.warn("An upstream failed", { server: server.name, cause: messageOf(error) });
  const reply = errorReply(CODES.unavailable, `Server "${server.name}" failed: ${message}`, {
    reason: code,
    ...details,
  });
  return { ...none, outcome: "error", reply };
}

/** What a server asks of the client meanwhile, and what the client gives away by answering. */
function askGoverned(core: Core, exchange: Exchange, route: Route, ask: Ask): Ask {
  return async (method, params, signal) => {
    const question = cleanResult(core.scanner(), params, "$.params").value as Params;
    const reply = await ask(method, question, signal);
    if ("error" in reply) return reply;
    const { decision } = await core.governor.decide(callerOf(exchange), {
      ...requestOf(exchange, route),
      event: method,
      input: reply.result,
      inputPath: "$.result",
    });
    if (decision.outcome === "allow") return reply;
    if (method === "elicitation/create") return { result: { action: "cancel" } };
    return errorReply(CODES.denied, decision.reason);
  };
}

interface Conclusion {
  readonly decided: Decided;
  readonly ended: Ended;
  readonly request: GovernedRequest;
  readonly start: number;
}

/** Searches the answer, records the outcome and gives the client what may be given. */
function conclude(
  core: Core,
  exchange: Exchange,
  { decided, ended, request, start }: Conclusion,
): Reply {
  const { reply } = ended;
  const [raw, path] = "result" in reply ? [reply.result, "$.result"] : [reply.error, "$.error"];
  const clean = cleanResult(core.scanner(), raw, path);
  const isLarge = ended.bytes > LARGE_BYTES;
  core.background(core.governor.recordOutcome(callerOf(exchange), {
    ...request,
    // Searched already, piece by piece; the row keeps the beginning only.
    input: isLarge ? excerpt(clean.value) : raw,
    inputPath: path,
    context: {
      ...ended.bytes > 0 && { bytes: ended.bytes },
      confinement: ended.upstream?.confinement,
      ...ended.redacted.length > 0 && { redacted_secrets: ended.redacted },
      ...clean.kinds.length > 0 && { redacted_kinds: clean.kinds },
    },
  }, {
    callId: decided.id,
    decision: ended.outcome,
    latencyUs: Math.round((performance.now() - start) * 1000),
  }));
  if ("error" in reply) return { error: clean.value as RpcError };
  const result = resultFor(exchange.client.era, exchange.request.method, clean.value as Params);
  const meta = {
    ...objectAt(result, "_meta"),
    [DECISION_META]: {
      ...decisionMeta(decided),
      ...clean.kinds.length > 0 && { redacted: clean.kinds },
    },
  };
  return { result: { ...result, _meta: meta } };
}

/** Bytes of an answer beyond which its row keeps no more than the beginning. */
const LARGE_BYTES = 512 * 1024;

function excerpt(value: unknown): unknown {
  return { excerpt: JSON.stringify(value)?.slice(0, 8192) };
}

/** An answer that does not have the form that its tool promises is no answer. */
async function checkOutput(
  core: Core,
  { client }: Exchange,
  { server, kind, name }: Route,
  ended: Ended,
): Promise<Ended> {
  const { upstream, outcome, reply } = ended;
  if (kind !== "tool" || outcome !== "ok" || !upstream?.isOpen || "error" in reply) return ended;
  const seen = await core.sight.tools(server, upstream, client).catch(() => undefined);
  const problem = outputProblem(seen?.definitions.get(name), reply.result);
  if (problem === undefined) return ended;
  return { ...ended, outcome: "error", reply: errorReply(CODES.internal, problem) };
}
