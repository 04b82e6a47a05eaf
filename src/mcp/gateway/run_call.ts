import type { Failure } from "../../governance/mod.ts";
import { messageOf, toAppError } from "../../kernel/errors.ts";
import type { Core } from "./core.ts";
import { type GaveUp, startDeadline } from "./deadline.ts";
import { callerOf, type Exchange } from "./exchange.ts";
import { forward } from "./forward.ts";
import { requestOf } from "./governed_request.ts";
import { CODES, errorReply, type Params } from "./message.ts";
import type { Hold } from "./pool.ts";
import { cleanResult } from "./result_scan.ts";
import type { Route } from "./route.ts";
import type { Answered, Ask } from "./upstream.ts";

/** What is known before the decision: why it cannot be allowed, and the upstream where it had to be asked. */
export interface Prepared {
  readonly failure?: Failure | undefined;
  readonly hold?: Hold;
  /** Why the upstream could not be opened. */
  readonly unopened?: unknown;
}

/** A call that was allowed. */
export interface Allowed extends Prepared {
  /** Id of the decision. */
  readonly callId: string;
}

/** How a call that was sent on ended. */
export interface Ended extends Answered {
  readonly outcome: "ok" | "error" | GaveUp;
  readonly upstream?: Hold["upstream"] | undefined;
}

/** Sends an allowed call on. Never rejects: what goes wrong is how it ended. */
export async function runCall(
  core: Core,
  exchange: Exchange,
  route: Route,
  allowed: Allowed,
): Promise<Ended> {
  const { server, name } = route;
  const own = Object.hasOwn(server.tools, name) ? server.tools[name] : undefined;
  const ms = route.kind === "tool" ? own?.timeout_ms ?? server.timeout_ms : server.timeout_ms;
  const deadline = startDeadline(exchange.signal, ms);
  let hold = allowed.hold;
  let giveBack: (() => void) | undefined;
  try {
    if (allowed.unopened !== undefined) throw allowed.unopened;
    giveBack = await core.slotsOf(server.name).take(deadline.signal);
    hold ??= await core.pool.get(server, exchange);
    const { upstream } = hold;
    const ask = exchange.ask && askGoverned(core, exchange, route, exchange.ask);
    const { callId } = allowed;
    const passed = { exchange, route, callId, ask, signal: deadline.signal };
    const answered = await forward(core, upstream, passed);
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
