import type { ApiCall } from "../../egress/mod.ts";
import type { Authenticated, AuthFailure } from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { ApiPermission } from "./permissions.ts";

/** Who calls a route of the API, and may. */
export type ApiCaller = Authenticated;

export interface ApiGuard {
  /** For the audience `api`. */
  authenticateApi(token: string | undefined, address: string): Promise<Authenticated | AuthFailure>;
  /** Whether the role table gives the caller the permission, and its key reaches that far. */
  permits(caller: ApiCaller, permission: ApiPermission): boolean;
}

/** Whom a request comes from, as the isolate that does the work has found out. */
export interface Admitted {
  readonly caller: ApiCaller;
  may(permission: ApiPermission): boolean;
}

/** The caller. Throws `unauthenticated`, `forbidden` or `unavailable`. */
export async function admit(
  guard: ApiGuard,
  { token, address }: Pick<ApiCall, "token" | "address">,
  permission: ApiPermission,
): Promise<Admitted> {
  const who = await guard.authenticateApi(token, address);
  if (!who.ok) {
    const code = who.kind === "unavailable" ? "unavailable" : "unauthenticated";
    throw new AppError(code, who.reason, { details: { rule: who.rule } });
  }
  if (!guard.permits(who, permission)) {
    throw new AppError("forbidden", `This takes the permission ${permission}`);
  }
  return { caller: who, may: (other) => guard.permits(who, other) };
}
