import { AppError, type ErrorCode, SURFACES, toAppError } from "../kernel/errors.ts";

/** The content of a failure as RFC 9457 problem details. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly [detail: string]: unknown;
}

/** A failure as RFC 9457 problem details. An `AppError` says more than the code and message given. */
export function problem(code: ErrorCode, message: string, error?: unknown): Response {
  const body = problemOf(error instanceof AppError ? error : new AppError(code, message));
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { "content-type": "application/problem+json" },
  });
}

/** What a caller is told of a failure. */
export function problemOf(error: AppError): ProblemDocument {
  const { code, message, hint, details } = toAppError(error);
  return {
    type: `urn:spgov:problem:${code}`,
    title: message,
    status: SURFACES[code].http,
    code,
    ...hint !== undefined && { hint },
    ...details,
  };
}
