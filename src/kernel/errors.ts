interface Surface {
  readonly http: number;
  readonly exit: number;
  readonly rpc: number;
}

/** Every way a request can fail, and how each transport shows it: HTTP status, exit status, JSON-RPC code. */
export const SURFACES = {
  usage: { http: 400, exit: 2, rpc: -32602 },
  invalid: { http: 400, exit: 5, rpc: -32602 },
  unauthenticated: { http: 401, exit: 4, rpc: -32001 },
  forbidden: { http: 403, exit: 4, rpc: -32003 },
  denied: { http: 403, exit: 4, rpc: -32003 },
  not_found: { http: 404, exit: 3, rpc: -32004 },
  method_not_allowed: { http: 405, exit: 2, rpc: -32601 },
  conflict: { http: 409, exit: 1, rpc: -32009 },
  precondition_failed: { http: 412, exit: 1, rpc: -32009 },
  too_large: { http: 413, exit: 5, rpc: -32602 },
  unsupported_media_type: { http: 415, exit: 2, rpc: -32602 },
  mismatch: { http: 422, exit: 5, rpc: -32602 },
  rate_limited: { http: 429, exit: 4, rpc: -32029 },
  unavailable: { http: 503, exit: 6, rpc: -32050 },
  internal: { http: 500, exit: 1, rpc: -32603 },
} as const satisfies Record<string, Surface>;

export type ErrorCode = keyof typeof SURFACES;

export interface AppErrorOptions extends ErrorOptions {
  /** What the reader can do about it, in one sentence. */
  readonly hint?: string;
  /** Safe to show to the caller; never put secrets or internals here. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A failure whose message is safe to show to the caller. Put what is not safe in `cause`. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(readonly code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** Turns anything thrown into an `AppError`, hiding what the caller must not see. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError("internal", "Internal error", { cause: error });
}

/** The message of anything thrown, for logs and operators. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
