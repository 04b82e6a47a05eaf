import type { Core } from "./core.ts";
import { paramsFor } from "./era.ts";
import type { Exchange } from "./exchange.ts";
import {
  CODES,
  errorReply,
  isObject,
  objectAt,
  type Params,
  type Reply,
  stringAt,
} from "./message.ts";
import { type LongCall, Questions } from "./rounds.ts";
import type { Route } from "./route.ts";
import type { Answered, Ask, Upstream, UpstreamCall } from "./upstream.ts";

/** Times that one call may ask its client for more. */
const MAX_ROUNDS = 16;

/** A decided request on its way. */
export interface Passed {
  readonly exchange: Exchange;
  readonly route: Route;
  /** Id of the decision. */
  readonly callId: string;
  /** How the client is asked, where it can be. */
  readonly ask: Ask | undefined;
  readonly signal: AbortSignal;
}

/**
 * Sends a decided request on and waits for its answer, in whatever way the two eras let a server ask
 * something in between.
 */
export async function forward(core: Core, upstream: Upstream, passed: Passed): Promise<Answered> {
  const { exchange, ask, signal } = passed;
  const client = exchange.client.era;
  if (client === "modern" && upstream.era === "legacy") {
    return await forwardInRounds(core, upstream, passed);
  }
  const call = callOf(passed, upstream, signal);
  if (client === "legacy" && upstream.era === "modern") {
    return await forwardAsking(upstream, call, ask);
  }
  return await upstream.request({ ...call, ...ask && { ask } });
}

function callOf(
  { exchange, route: { server, params }, callId }: Passed,
  upstream: Upstream,
  signal: AbortSignal,
): UpstreamCall {
  const { token } = exchange;
  return {
    method: exchange.request.method,
    params: paramsFor(upstream.era, params, exchange.client),
    signal,
    ...server.transport === "http" && { headers: paramHeaders(exchange.headers) },
    // Of the parts of the appliance, those behind egress run nothing that is not shown to be allowed.
    ...server.builtin !== undefined && token !== undefined && { proof: { token, callId } },
    onNotification: exchange.notify,
  };
}

/** `Mcp-Param-*`: parameters that the client mirrors for those on the way. */
function paramHeaders(headers: Headers): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of headers) if (name.startsWith("mcp-param-")) found[name] = value;
  return found;
}

/** A server that asks meanwhile, and a client that can only be asked by a result: the call is kept. */
async function forwardInRounds(
  core: Core,
  upstream: Upstream,
  passed: Passed,
): Promise<Answered> {
  const { exchange, route, signal } = passed;
  const state = stringAt(route.params, "requestState");
  const call = state === undefined
    ? startLongCall(passed, upstream)
    : core.rounds.resume(exchange, route, state);
  if (!call) return local(errorReply(CODES.invalidParams, "This request state is not known here"));
  if (state !== undefined) call.questions.answer(route.params["inputResponses"]);
  const gaveUp = Promise.withResolvers<never>();
  const abort = (): void => {
    call.cancel();
    gaveUp.reject(signal.reason);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    const asked = call.questions.asked.then(() => undefined);
    const answered = await Promise.race([call.answered, asked, gaveUp.promise]);
    return answered ?? parkedAnswer(core, exchange, route, call);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function startLongCall(passed: Passed, upstream: Upstream): LongCall {
  const controller = new AbortController();
  const questions = new Questions();
  const call = callOf(passed, upstream, controller.signal);
  const answered = upstream.request({ ...call, ask: questions.ask });
  // Whoever waits for it says what went wrong; while it is kept nobody does.
  answered.catch(() => undefined);
  return { answered, questions, cancel: () => controller.abort("cancelled") };
}

function parkedAnswer(core: Core, exchange: Exchange, route: Route, call: LongCall): Answered {
  const requestState = core.rounds.park(exchange, route, call);
  if (requestState === undefined) {
    call.cancel();
    return local(errorReply(CODES.unavailable, "Too many calls wait for their clients"));
  }
  const inputRequests = call.questions.requests;
  return local({ result: { resultType: "input_required", inputRequests, requestState } });
}

/** A server that asks by its result, and a client that is asked by requests: as often as it takes. */
async function forwardAsking(
  upstream: Upstream,
  call: UpstreamCall,
  ask: Ask | undefined,
): Promise<Answered> {
  let params = call.params;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const answered = await upstream.request({ ...call, params });
    const { reply } = answered;
    if ("error" in reply || reply.result["resultType"] !== "input_required") return answered;
    const inputResponses = await askAll(reply.result, ask, call.signal);
    if ("error" in inputResponses) return local(inputResponses as Reply);
    const requestState = reply.result["requestState"];
    params = {
      ...call.params,
      inputResponses: inputResponses.result,
      ...requestState !== undefined && { requestState },
    };
  }
  return local(errorReply(CODES.unavailable, `The server asked more than ${MAX_ROUNDS} times`));
}

async function askAll(result: Params, ask: Ask | undefined, signal: AbortSignal): Promise<Reply> {
  const answers: Record<string, unknown> = {};
  for (const [key, request] of Object.entries(objectAt(result, "inputRequests"))) {
    const method = stringAt(request, "method") ?? "";
    const reply = await ask?.(method, questionOf(method, request), signal) ??
      errorReply(CODES.methodNotFound, "The client cannot be asked");
    if ("error" in reply) {
      if (method !== "elicitation/create") return reply;
      answers[key] = { action: "cancel" };
    } else if (isObject(reply.result)) answers[key] = reply.result;
  }
  return { result: answers };
}

/** The revisions before 2026-07-28 number the pages that a user is sent to. */
function questionOf(method: string, request: unknown): Params {
  const params = objectAt(request, "params");
  const isPage = method === "elicitation/create" && params["mode"] === "url";
  return isPage ? { elicitationId: crypto.randomUUID(), ...params } : params;
}

/** An answer that did not come over the line. */
function local(reply: Reply): Answered {
  return { reply, bytes: 0, redacted: [] };
}
