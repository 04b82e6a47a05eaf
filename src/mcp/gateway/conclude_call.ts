import type { Decided, Request as GovernedRequest } from "../../governance/mod.ts";
import type { Core } from "./core.ts";
import { DECISION_META, decisionMeta } from "./denial.ts";
import { resultFor } from "./era.ts";
import { callerOf, type Exchange } from "./exchange.ts";
import { CODES, errorReply, objectAt, type Params, type Reply, type RpcError } from "./message.ts";
import { outputProblem } from "./output_schema.ts";
import { cleanResult } from "./result_scan.ts";
import type { Route } from "./route.ts";
import type { Ended } from "./run_call.ts";

export interface Conclusion {
  readonly decided: Decided;
  readonly ended: Ended;
  readonly request: GovernedRequest;
  readonly start: number;
}

/** Searches the answer, records the outcome and gives the client what may be given. */
export function conclude(
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
      parent_span_id: request.context["parent_span_id"],
      ...ended.redacted.length > 0 && { redacted_secrets: ended.redacted },
      ...clean.kinds.length > 0 && { redacted_kinds: clean.kinds },
    },
  }, {
    callId: decided.id,
    decision: ended.outcome,
    isAnswered: true,
    ...!isLarge && { scan: clean.scan },
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
export async function checkOutput(
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
