import * as z from "zod";
import {
  type ApiKey,
  type ApiKeyRequest,
  AUDIENCES,
  createApiKey,
  type MadeApiKey,
  pageApiKeys,
  revokeApiKey,
  rotateApiKey,
} from "../../identity/mod.ts";
import type { Sql } from "../../db/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { EgressContext, GatewayContext } from "./context.ts";
import { declareRoutes, mapPage, pageOf, paramOf } from "./route.ts";
import { flag, given, moment, reference, text, tier, timestamp } from "./schemas.ts";
import { within } from "./within.ts";

const read = declareRoutes<GatewayContext>("gateway", "API keys");
const write = declareRoutes<EgressContext>("egress", "API keys");

const keySchema = z.object({
  id: z.string(),
  user_id: z.string(),
  session_id: z.string(),
  name: z.string(),
  prefix: z.string().describe("The beginning of the key, to know it by"),
  audiences: z.array(z.enum(AUDIENCES)),
  scopes: z.array(z.string()),
  role: tier,
  agent: z.string().nullable(),
  device: z.string().nullable(),
  state: z.enum(["active", "expired", "revoked"]),
  created_by: z.string(),
  created_at: timestamp,
  expires_at: timestamp,
  revoked_at: timestamp.nullable(),
  last_used_at: timestamp.nullable(),
  last_address: z.string().nullable(),
}).meta({ id: "ApiKey" });

const madeSchema = keySchema.extend({
  key: z.string().optional().describe(
    "The key itself: shown once, not even when the request is sent again",
  ),
}).meta({ id: "MadeApiKey" });

const ownKey = {
  name: text,
  audiences: z.array(z.enum(AUDIENCES)).min(1),
  scopes: z.array(z.string().min(1).max(130)).min(1).max(64)
    .describe("Permissions and scopes of MCP servers, as globs: never more than the role has"),
  role: tier.optional().describe("One of the user's roles or below; the highest unless given"),
  expires_at: moment.optional().describe("In 90 days unless given"),
  agent: reference.optional(),
  device: reference.optional(),
};
const newOwnKey = z.strictObject(ownKey).meta({ id: "NewOwnApiKey" });
const newKey = z.strictObject({ user_id: reference, ...ownKey }).meta({ id: "NewApiKey" });

function view(key: ApiKey, now: number): z.input<typeof keySchema> {
  const isOver = key.expiresAt.getTime() <= now;
  return {
    id: key.id,
    user_id: key.userId,
    session_id: key.sessionId,
    name: key.name,
    prefix: key.prefix,
    audiences: [...key.audiences],
    scopes: [...key.scopes],
    role: key.role,
    agent: key.agent,
    device: key.device,
    state: key.revokedAt !== null ? "revoked" : isOver ? "expired" : "active",
    created_by: key.createdBy,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt.toISOString(),
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    last_address: key.lastAddress,
  };
}

function madeView({ key, text }: MadeApiKey, now: number): z.input<typeof madeSchema> {
  return { ...view(key, now), key: text };
}

function requestOf(
  userId: string,
  { expires_at, ...rest }: z.output<typeof newOwnKey>,
  now: number,
): ApiKeyRequest {
  const { name, audiences, scopes, ...optional } = rest;
  const ttlMs = expires_at && expires_at.getTime() - now;
  return { userId, name, audiences, scopes, ...given({ ...optional, ttlMs }) };
}

/** The key of this id, of `userId` where that is given: another's own keys are not there. */
async function getById(sql: Sql, id: string, userId?: string): Promise<ApiKey> {
  const [key] = await pageApiKeys(sql, { id, userId }, undefined, 1);
  if (key) return key;
  throw new AppError("not_found", `Cannot find the key ${JSON.stringify(id)}`);
}

const FILTER = { active: flag.optional() };

export const KEY_ROUTES = [
  read.list({
    path: "/api/v1/keys",
    permission: "keys:read",
    summary: "Lists API keys of everybody, newest first",
    query: z.strictObject({ user_id: reference.optional(), ...FILTER }),
    key: reference,
    output: keySchema,
    async run({ sql, clock }, { query: { user_id, active }, after, limit }) {
      const keys = await pageApiKeys(sql, { userId: user_id, active }, after, limit + 1);
      return mapPage(pageOf(keys, limit, ({ id }) => id), (key) => view(key, clock.now()));
    },
  }),
  write.item({
    method: "POST",
    path: "/api/v1/keys",
    permission: "keys:write",
    summary: "Makes a key for a user, never one above the caller",
    answer: "created",
    shownOnce: ["key"],
    body: newKey,
    output: madeSchema,
    async run(context, { actor, body: { user_id, ...body } }) {
      const now = context.clock.now();
      return madeView(await createApiKey(context, actor, requestOf(user_id, body, now)), now);
    },
  }),
  read.item({
    path: "/api/v1/keys/:id",
    permission: "keys:read",
    summary: "Shows a key without its secret",
    output: keySchema,
    run: async ({ sql, clock }, input) =>
      view(await getById(sql, paramOf(input, "id")), clock.now()),
  }),
  write.item({
    method: "POST",
    path: "/api/v1/keys/:id/rotate",
    permission: "keys:write",
    summary: "Makes a key in the place of one that ends at once",
    shownOnce: ["key"],
    output: madeSchema,
    run: (outer, { actor, ...input }) =>
      within(outer, async (context) => {
        const key = await getById(context.sql, paramOf(input, "id"));
        return madeView(await rotateApiKey(context, actor, key), context.clock.now());
      }),
  }),
  write.item({
    method: "DELETE",
    path: "/api/v1/keys/:id",
    permission: "keys:write",
    summary: "Ends a key: it is void everywhere within a second",
    answer: "empty",
    output: z.null(),
    async run(context, { actor, expect, ...input }) {
      const key = await getById(context.sql, paramOf(input, "id"));
      expect(view(key, context.clock.now()));
      await end(context, actor, key);
      return null;
    },
  }),
  read.list({
    path: "/api/v1/me/keys",
    permission: "keys:own",
    summary: "Lists the caller's own keys, newest first",
    query: z.strictObject(FILTER),
    key: reference,
    output: keySchema,
    async run({ sql, clock }, { caller: { userId }, query, after, limit }) {
      const keys = await pageApiKeys(sql, { ...query, userId }, after, limit + 1);
      return mapPage(pageOf(keys, limit, ({ id }) => id), (key) => view(key, clock.now()));
    },
  }),
  read.item({
    path: "/api/v1/me/keys/:id",
    permission: "keys:own",
    summary: "Shows a key of the caller's own without its secret",
    output: keySchema,
    run: async ({ sql, clock }, { caller, ...input }) =>
      view(await getById(sql, paramOf(input, "id"), caller.userId), clock.now()),
  }),
  write.item({
    method: "POST",
    path: "/api/v1/me/keys",
    permission: "keys:own",
    summary: "Makes a key of the caller's own, never one that reaches further than the caller",
    answer: "created",
    shownOnce: ["key"],
    body: newOwnKey,
    output: madeSchema,
    async run(context, { actor, body }) {
      const now = context.clock.now();
      return madeView(await createApiKey(context, actor, requestOf(actor.userId, body, now)), now);
    },
  }),
  write.item({
    method: "DELETE",
    path: "/api/v1/me/keys/:id",
    permission: "keys:own",
    summary: "Ends a key of the caller's own",
    answer: "empty",
    output: z.null(),
    async run(context, { actor, ...input }) {
      await end(context, actor, await getById(context.sql, paramOf(input, "id"), actor.userId));
      return null;
    },
  }),
];

async function end(
  context: EgressContext,
  actor: Parameters<typeof revokeApiKey>[1],
  key: ApiKey,
): Promise<void> {
  if (await revokeApiKey(context, actor, key)) return;
  throw new AppError("conflict", `The key ${JSON.stringify(key.id)} has ended already`);
}
