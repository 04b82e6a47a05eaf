import { endSessions, LOCAL_OPERATOR, type TokenClaims } from "../../../identity/mod.ts";
import { listHooks } from "../../../plugins/mod.ts";
import { identityContext } from "../../audit.ts";
import { createSessionToken } from "../../admin/session/create.ts";
import { inspectToken } from "../../admin/session/inspect.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { Tier } from "../../../kernel/tiers.ts";

/** The client in rows and sessions. */
export const CLIENT_ID = "claude-code";

export interface TokenWish {
  readonly user?: string;
  readonly role?: Tier;
  readonly ttl: number;
}

/** A token, and what may be told of it. */
export interface HookTokenState {
  readonly token: string;
  readonly session_id: string;
  readonly user_id: string;
  readonly role: Tier;
  readonly expires_at: Date;
}

export interface KnownTokens {
  /** One that is good for long enough and as wished. */
  readonly usable: HookTokenState | undefined;
  /** Sessions whose tokens were written by an earlier installation. */
  readonly sessions: readonly string[];
}

/** Looks at the tokens that an earlier installation left in the settings. */
export async function findTokens(
  context: CliContext,
  settings: unknown,
  wish: TokenWish,
): Promise<KnownTokens> {
  const ours = listHooks(settings).filter(({ endpoint }) => endpoint !== undefined);
  const tokens = [...new Set(ours.flatMap(({ token }) => token ?? []))];
  const states = await Promise.all(tokens.map((token) => inspectToken(context, token)));
  const sessions = states.flatMap(({ claims }) =>
    claims?.client_id === CLIENT_ID ? [claims.sid] : []
  );
  const [token, ...others] = tokens;
  const claims = states[0]?.valid ? states[0].claims : null;
  const now = context.clock.now();
  const usable =
    token !== undefined && others.length === 0 && claims && isAsWished(claims, wish, now)
      ? describe(token, claims)
      : undefined;
  return { usable, sessions };
}

/** A token with half of its wished life before it is kept, unless something else is wanted now. */
function isAsWished(claims: TokenClaims, { user, role, ttl }: TokenWish, now: number): boolean {
  return claims.aud === "hook" && user === undefined && (role ?? claims.tier) === claims.tier &&
    claims.exp * 1000 - now >= ttl / 2;
}

function describe(token: string, { sid, sub, tier, exp }: TokenClaims): HookTokenState {
  return {
    token,
    session_id: sid,
    user_id: sub,
    role: tier,
    expires_at: new Date(exp * 1000),
  };
}

/** Opens the session that the hooks will use. The local operator does not lend them the role admin. */
export async function issueHookToken(
  context: CliContext,
  { user, role, ttl }: TokenWish,
  clientId: string = CLIENT_ID,
): Promise<HookTokenState> {
  const narrowed = role ?? (user === undefined ? "user" : undefined);
  const opened = await createSessionToken(context, {
    audience: "hook",
    ttlMs: ttl,
    clientId,
    ...user === undefined ? {} : { user },
    ...narrowed === undefined ? {} : { role: narrowed },
  });
  return describe(opened.token, opened.claims);
}

/** Ends sessions whose tokens are written nowhere any more. */
export async function endHookSessions(
  context: CliContext,
  sessions: readonly string[],
): Promise<void> {
  if (sessions.length === 0) return;
  const { sql } = await openDatabase(context);
  for (const id of sessions) {
    await endSessions(identityContext(context, sql), LOCAL_OPERATOR, { id });
  }
}
