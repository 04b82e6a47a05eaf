import {
  AUDIENCES,
  Authenticator,
  createTokenVerifier,
  type TokenClaims,
} from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { loadTokenKeys } from "./keys.ts";

/** What can be said of a token without repeating any of it. */
export interface TokenState<Claims = TokenClaims> {
  readonly valid: boolean;
  /** Why it is not. */
  readonly rule: string | null;
  readonly reason: string | null;
  /** What it says; null where its signature is not ours. */
  readonly claims: Claims | null;
  readonly expires_at: Date | null;
}

/** Checks a token as the service would, for the audience that it was issued for. */
export async function inspectToken(context: CliContext, token: string): Promise<TokenState> {
  const { sql } = await openDatabase(context);
  const { key, issuer } = await loadTokenKeys(context);
  const verify = createTokenVerifier(key, { issuer, clock: context.clock });
  const first = await verify(token, "hook");
  const claims = first.claims ?? null;
  const audience = AUDIENCES.find((name) => name === claims?.aud) ?? "hook";
  const authenticator = new Authenticator({ verify, sql, clock: context.clock });
  const answer = await authenticator.authenticate(token, audience);
  if (!answer.ok && answer.kind === "unavailable") {
    throw new AppError("unavailable", "Cannot check the token: the database does not answer");
  }
  return {
    valid: answer.ok,
    rule: answer.ok ? null : answer.rule,
    reason: answer.ok ? null : answer.reason,
    claims,
    expires_at: claims && new Date(claims.exp * 1000),
  };
}
