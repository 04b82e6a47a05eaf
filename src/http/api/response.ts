import type { ApiAnswer } from "../../egress/mod.ts";
import { failureAnswer } from "./perform.ts";

/** An answer as HTTP has it. Nothing of it may be kept on the way, nor taken for something else. */
export function toResponse({ status, body, headers }: ApiAnswer, traceId?: string): Response {
  const fields = new Headers({ "content-type": "application/json", ...headers });
  if (body === undefined) fields.delete("content-type");
  fields.set("cache-control", "no-store");
  fields.set("x-content-type-options", "nosniff");
  if (traceId !== undefined) fields.set("x-trace-id", traceId);
  if (status === 401) fields.set("www-authenticate", "Bearer");
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: fields,
  });
}

/** A failure that has nothing to do with what a route does. */
export function answerFailure(error: unknown): Response {
  return toResponse(failureAnswer(error, () => undefined));
}
