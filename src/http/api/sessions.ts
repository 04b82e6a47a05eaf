import * as z from "zod";
import {
  type Actor,
  endSessions,
  getUserById,
  pageSessions,
  refuseAbove,
  type UsedSession,
} from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Sql } from "../../db/mod.ts";
import type { EgressContext, GatewayContext } from "./context.ts";
import { declareRoutes, mapPage, pageOf, paramOf } from "./route.ts";
import { flag, reference, tier, timestamp } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "Sessions");
const write = declareRoutes<EgressContext>("egress", "Sessions");

const AUDIENCES = ["hook", "api", "mcp", "browser", "key"] as const;

const sessionSchema = z.object({
  id: z.string(),
  user_id: z.string(),
  client_id: z.string(),
  audience: z.string(),
  role: tier,
  agent: z.string().nullable(),
  device: z.string().nullable(),
  address: z.string().nullable().describe("Where it was opened from"),
  user_agent: z.string().nullable(),
  last_used_at: timestamp.nullable().describe("Up to a minute late"),
  last_address: z.string().nullable(),
  state: z.enum(["active", "expired", "revoked"]),
  created_at: timestamp,
  expires_at: timestamp,
  revoked_at: timestamp.nullable(),
}).meta({ id: "Session" });

const ended = z.object({ ended: z.int() }).meta({ id: "EndedSessions" });

const FILTER = {
  audience: z.enum(AUDIENCES).optional(),
  client_id: reference.optional(),
  device: reference.optional(),
  active: flag.optional().describe("Only those neither revoked nor expired, or only the others"),
};

function sessionView(session: UsedSession, now: number): z.input<typeof sessionSchema> {
  const isOver = session.expiresAt.getTime() <= now;
  return {
    id: session.id,
    user_id: session.userId,
    client_id: session.clientId,
    audience: session.audience,
    role: session.role,
    agent: session.agent,
    device: session.device,
    address: session.address,
    user_agent: session.userAgent,
    last_used_at: session.lastUsedAt?.toISOString() ?? null,
    last_address: session.lastAddress,
    state: session.revokedAt !== null ? "revoked" : isOver ? "expired" : "active",
    created_at: session.createdAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    revoked_at: session.revokedAt?.toISOString() ?? null,
  };
}

async function getUsed(sql: Sql, id: string): Promise<UsedSession> {
  const [session] = await pageSessions(sql, { id }, undefined, 1);
  if (session) return session;
  throw new AppError("not_found", `Cannot find the session ${JSON.stringify(id)}`);
}

/** Throws `not_found`, or `denied` where its user could do more than the caller. */
async function checkOwner(sql: Sql, actor: Actor, userId: string): Promise<void> {
  if (userId === actor.userId) return;
  refuseAbove(actor, (await getUserById(sql, userId)).roles);
}

export const SESSION_ROUTES = [
  read.list({
    path: "/api/v1/sessions",
    permission: "sessions:list",
    summary: "Lists sessions of everybody, newest first",
    query: z.strictObject({ user_id: reference.optional(), ...FILTER }),
    key: reference,
    output: sessionSchema,
    async run({ sql, clock }, { query: { user_id, client_id, ...filter }, after, limit }) {
      const which = { ...filter, userId: user_id, clientId: client_id };
      const sessions = await pageSessions(sql, which, after, limit + 1);
      return mapPage(
        pageOf(sessions, limit, ({ id }) => id),
        (each) => sessionView(each, clock.now()),
      );
    },
  }),
  read.item({
    path: "/api/v1/sessions/:id",
    permission: "sessions:list",
    summary: "Shows a session",
    output: sessionSchema,
    run: async ({ sql, clock }, input) =>
      sessionView(await getUsed(sql, paramOf(input, "id")), clock.now()),
  }),
  write.item({
    method: "DELETE",
    path: "/api/v1/sessions/:id",
    permission: "sessions:end",
    summary: "Ends a session: its token is void everywhere within a second",
    answer: "empty",
    output: z.null(),
    async run(context, { actor, expect, ...input }) {
      const session = await getUsed(context.sql, paramOf(input, "id"));
      await checkOwner(context.sql, actor, session.userId);
      expect(sessionView(session, context.clock.now()));
      const gone = await endSessions(context, actor, { id: session.id });
      if (gone.length === 0) throw new AppError("conflict", "The session has ended already");
      return null;
    },
  }),
  write.item({
    method: "DELETE",
    path: "/api/v1/users/:id/sessions",
    permission: "sessions:end",
    summary: "Ends every session of a user",
    output: ended,
    async run(context, { actor, ...input }) {
      const userId = paramOf(input, "id");
      await checkOwner(context.sql, actor, userId);
      const gone = await endSessions(context, actor, { userId });
      return { ended: gone.length };
    },
  }),
  read.list({
    path: "/api/v1/me/sessions",
    permission: "self:read",
    summary: "Lists the caller's own sessions, newest first",
    query: z.strictObject(FILTER),
    key: reference,
    output: sessionSchema,
    async run({ sql, clock }, { caller, query: { client_id, ...filter }, after, limit }) {
      const which = { ...filter, clientId: client_id, userId: caller.userId };
      const sessions = await pageSessions(sql, which, after, limit + 1);
      return mapPage(
        pageOf(sessions, limit, ({ id }) => id),
        (each) => sessionView(each, clock.now()),
      );
    },
  }),
];
