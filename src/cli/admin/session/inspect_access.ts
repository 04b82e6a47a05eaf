import { AddressBans } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import {
  type AccessClaims,
  openAccessToken,
  PublicKeys,
  ResourceGate,
} from "../../../oauth/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { openSigningKeys } from "../oauth/keys/open.ts";
import type { TokenState } from "./inspect.ts";

/** A token says its scopes itself. */
const NO_SERVERS = () => ({ list: () => [], mayHold: () => false });

/** Whether a token says that it is an access token. */
export function isAccessToken(token: string): boolean {
  try {
    const bytes = Uint8Array.fromBase64(token.split(".")[0] ?? "", { alphabet: "base64url" });
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return (header as { readonly typ?: unknown } | null)?.typ === "at+jwt";
  } catch {
    return false;
  }
}

/** Checks an access token as a gateway would, at the resource that it was issued for. */
export async function inspectAccessToken(
  context: CliContext,
  token: string,
): Promise<TokenState<AccessClaims>> {
  const { sql } = await openDatabase(context);
  const { clock } = context;
  const signing = await openSigningKeys(context, sql);
  const keys = new PublicKeys({ load: () => signing.listPublic(), clock });
  const claims = await openAccessToken(token, (kid) => keys.find(kid));
  if ("rule" in claims) return { valid: false, ...claims, claims: null, expires_at: null };
  const bans = new AddressBans({ sql, clock });
  const gate = new ResourceGate({ keys, sql, clock, bans, servers: NO_SERVERS });
  const answer = await gate.authenticate(token, claims.aud, "");
  if (!answer.ok && answer.kind === "unavailable") {
    throw new AppError("unavailable", "Cannot check the token: the database does not answer");
  }
  return {
    valid: answer.ok,
    rule: answer.ok ? null : answer.rule,
    reason: answer.ok ? null : answer.reason,
    claims,
    expires_at: new Date(claims.exp * 1000),
  };
}
