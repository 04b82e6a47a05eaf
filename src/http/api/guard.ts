import { type Authentication, bearerOf } from "../protocol/hooks.ts";
import { problem } from "../errors.ts";

/** Who calls a route of the API, and may. */
export type ApiCaller = Extract<Authentication, { ok: true }>;

export interface ApiGuard {
  /** For the audience `api`. */
  authenticateApi(token: string | undefined, address: string): Promise<Authentication>;
  /** Whether the role table gives the tier the permission, and a key reaches it. */
  permits(caller: Pick<ApiCaller, "tier" | "keyScopes">, permission: string): boolean;
}

export interface ApiRequest {
  readonly request: Request;
  /** The client's address, behind trusted proxies. */
  readonly address: string;
}

/** The caller, or the answer that refuses it. */
export async function admit(
  guard: ApiGuard,
  { request, address }: ApiRequest,
  permission: string,
): Promise<ApiCaller | Response> {
  const who = await guard.authenticateApi(bearerOf(request), address);
  if (who.ok) {
    return guard.permits(who, permission)
      ? who
      : problem("forbidden", `This takes the permission ${permission}`);
  }
  if (who.kind === "unavailable") return problem("unavailable", who.reason);
  const refused = problem("unauthenticated", who.reason);
  refused.headers.set("www-authenticate", "Bearer");
  return refused;
}
