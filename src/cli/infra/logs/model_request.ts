import { type CallDocument, numberOf } from "./call_document.ts";

/** A request to a model in one line. */
export interface ModelRequest {
  readonly request_id: string;
  readonly timestamp: string;
  readonly provider: string;
  readonly model: string;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost_dollars: number;
  readonly latency_ms: number | null;
  readonly status: string;
  readonly user_id: string;
  readonly trace_id: string;
}

export function toModelRequest(call: CallDocument): ModelRequest {
  const [, provider = "-", model = "-"] = /^model:(?:([^/]*)\/)?(.*)$/s.exec(call.target) ?? [];
  const tokens = (call.tokens ?? {}) as Readonly<Record<string, unknown>>;
  return {
    request_id: call.request_id,
    timestamp: call.created_at,
    provider,
    model: typeof call.model === "string" ? call.model : model,
    input_tokens: numberOf(tokens.input ?? tokens.input_tokens) ?? null,
    output_tokens: numberOf(tokens.output ?? tokens.output_tokens) ?? null,
    cost_dollars: call.cost_microdollars / 1_000_000,
    latency_ms: call.duration_ms ?? null,
    status: call.outcome,
    user_id: call.user_id,
    trace_id: call.trace_id,
  };
}
