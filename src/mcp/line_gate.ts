import { mayActAs } from "../identity/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { listOpenSessions } from "../oauth/mod.ts";
import type { LineGate, LineHolder } from "../upstream/mod.ts";
import { createDecisionGuard } from "./decision_guard.ts";
import { holdsScopes, type LineGateOptions, openTokenFor } from "./server_token.ts";

/**
 * The gate before the servers behind egress. Whose a line is comes from the token alone, verified here: signature,
 * audience, times, session, user. A gateway that says something else is not believed.
 */
export function createLineGate(options: LineGateOptions): LineGate {
  return {
    admit: (server, token) => admit(options, server, token),
    listEnded: (holders) => listEnded(options, holders),
    authorize: createDecisionGuard(options),
  };
}

const ANYBODY: LineHolder = { userId: "anonymous", department: undefined, sessionId: undefined };

async function admit(
  options: LineGateOptions,
  name: string,
  token: string | undefined,
): Promise<LineHolder> {
  const server = options.setup().servers.find((each) => each.name === name);
  if (token === undefined && server?.oauth.required === false) return ANYBODY;
  const live = token === undefined ? undefined : await openTokenFor(options, name, token);
  const needed = server?.oauth.required ? server.oauth.scopes : [];
  if (!live || !holdsScopes(live, needed)) {
    throw new AppError("forbidden", `The token is not good for the server "${name}"`);
  }
  const { sub, sid } = live.claims;
  return { userId: sub, department: live.department, sessionId: sid };
}

async function listEnded(
  { sql }: LineGateOptions,
  holders: readonly LineHolder[],
): Promise<readonly LineHolder[]> {
  const ids = new Set(holders.flatMap(({ sessionId }) => sessionId ?? []));
  const open = await listOpenSessions(sql, [...ids]);
  const byId = new Map(open.map((session) => [session.id, session]));
  return holders.filter(({ sessionId = "", department }) => {
    const session = byId.get(sessionId);
    return !session || !mayActAs(session.roles, session.role) ||
      (session.department ?? undefined) !== department;
  });
}
