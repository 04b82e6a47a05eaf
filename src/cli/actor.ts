import type { EventInput } from "../audit/mod.ts";
import { type Actor, LOCAL_OPERATOR } from "../identity/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { readCaller, type VerifiedCaller } from "../mcp/mod.ts";
import type { CliContext } from "./context.ts";

/** The variable by which the server `admin` tells a verb who called it as a tool. */
export const CALLER_VARIABLE = "SPGOV_CALLER";

/** Whoever called the verb as a tool; undefined where somebody typed it. Throws `invalid` for what says neither. */
export function findCaller({ env }: Pick<CliContext, "env">): VerifiedCaller | undefined {
  const text = env[CALLER_VARIABLE];
  if (text === undefined || text === "") return undefined;
  const caller = readCaller(parse(text));
  if (caller) return caller;
  throw new AppError("invalid", `The variable ${CALLER_VARIABLE} names no caller`);
}

/** Who acts: whoever called the verb as a tool, else the operator of this machine. */
export function actorOf(context: Pick<CliContext, "env">): Actor {
  const caller = findCaller(context);
  if (!caller) return LOCAL_OPERATOR;
  const { userId, role, sessionId, clientId, traceId } = caller;
  return { userId, role, surface: "mcp", sessionId, clientId, traceId };
}

/**
 * The operator with no more trust than whoever called the verb as a tool: what it may do to others is decided by that.
 * Rows say whose doing it was (`attributed`).
 */
export function operatorOf(context: Pick<CliContext, "env">): Actor {
  return { ...LOCAL_OPERATOR, role: actorOf(context).role };
}

/** What verbs record as the operator's doing, as whose it is: with the decision that it was called by. */
export function attributed(context: Pick<CliContext, "env">, event: EventInput): EventInput {
  const caller = findCaller(context);
  if (!caller || event.userId !== LOCAL_OPERATOR.userId || event.surface !== "cli") return event;
  const { sessionId = caller.sessionId, detail } = event;
  const about = event.sessionId === undefined ? {} : { actor_session: caller.sessionId };
  return {
    ...event,
    ...actorOf(context),
    sessionId,
    detail: { ...detail, ...about, call_id: caller.callId },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
