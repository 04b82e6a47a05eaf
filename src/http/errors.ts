import { AppError, type ErrorCode, SURFACES, toAppError } from "../kernel/errors.ts";

/** A failure as RFC 9457 problem details. An `AppError` says more than the code and message given. */
export function problem(code: ErrorCode, message: string, error?: unknown): Response {
  const shown = error instanceof AppError ? toAppError(error) : new AppError(code, message);
  const status = SURFACES[shown.code].http;
  const body = {
    type: `urn:spgov:problem:${shown.code}`,
    title: shown.message,
    status,
    code: shown.code,
    ...shown.details,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}
