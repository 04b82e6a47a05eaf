import type { Decided } from "../../governance/mod.ts";
import { type Era, resultFor } from "./era.ts";
import { CODES, errorReply, type Params, type Reply } from "./message.ts";
import type { Route } from "./route.ts";

/** The member of `_meta` that leads from an answer to its row. */
export const DECISION_META = "spgov/decision";

/** What of a decision a client is told. */
export function decisionMeta({ id, decision }: Decided): Params {
  if (decision.outcome === "allow") return { id, outcome: "allow" };
  const { policy, rule, reason } = decision;
  return { id, outcome: "deny", policy, rule, reason };
}

/**
 * The answer to a refused request. A refused tool call is a result with `isError`: clients show those to
 * the model, which can then do something else, where many turn protocol errors into a failure of the whole
 * turn. What is no sound request is an error as the protocol has it, and where the decision could not be
 * recorded it is one that says the same may be tried again.
 */
export function denialReply(era: Era, route: Pick<Route, "kind">, decided: Decided): Reply {
  const { decision, id, window } = decided;
  const meta = decisionMeta(decided);
  if (decision.policy === "audit_unavailable") {
    return errorReply(CODES.unavailable, decision.reason, {
      ...meta,
      retryable: true,
      retry_after_ms: 2000,
    });
  }
  const wait = decision.policy === "rate_limit" && window ? window.resetMs : undefined;
  const again = wait === undefined ? "" : ` Try again in ${Math.ceil(wait / 1000)} s.`;
  const text = `Denied by ${decision.policy} (${decision.rule}): ${decision.reason}.${again} ` +
    `Decision ${id}.`;
  const data = { ...meta, ...wait !== undefined && { retryable: true, retry_after_ms: wait } };
  if (decision.policy === "invalid_request") return errorReply(CODES.invalidParams, text, data);
  if (route.kind !== "tool") return errorReply(CODES.denied, text, data);
  const result = {
    content: [{ type: "text", text }],
    isError: true,
    _meta: { [DECISION_META]: data },
  };
  return { result: resultFor(era, "tools/call", result) };
}
