import * as z from "zod";
import {
  type Actor,
  addBan,
  type Ban,
  findBan,
  getUserById,
  pageBans,
  refuseAbove,
  removeBan,
} from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { findNetwork } from "../../kernel/networks.ts";
import type { EgressContext, GatewayContext } from "./context.ts";
import { declareRoutes, mapPage, pageOf, paramOf } from "./route.ts";
import { given, reference, text, timestamp } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "Bans");
const write = declareRoutes<EgressContext>("egress", "Bans");

const kind = z.enum(["user", "address", "device"]);

const banSchema = z.object({
  id: z.string().describe("`<kind>:<subject>`"),
  kind,
  subject: z.string().describe("A user's id, a device's, or an IP address or network"),
  reason: z.string(),
  source: z.string().describe("Through what it was added"),
  created_by: z.string(),
  times: z.int().describe("How often it was banned since it was last lifted"),
  created_at: timestamp,
  expires_at: timestamp.nullable().describe("null: for good"),
}).meta({ id: "Ban" });

const newBan = z.strictObject({
  kind,
  subject: reference,
  reason: text,
  expires_at: timestamp.optional(),
}).meta({ id: "NewBan" });

function banView(
  { kind, subject, reason, createdAt, expiresAt, source, createdBy, times }: Ban,
): z.input<typeof banSchema> {
  return {
    id: `${kind}:${subject}`,
    kind,
    subject,
    reason,
    source,
    created_by: createdBy,
    times,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt?.toISOString() ?? null,
  };
}

/** What an id names: addresses in their one spelling. */
function subjectOf(id: string): Pick<Ban, "kind" | "subject"> {
  const at = id.indexOf(":");
  const parsed = kind.safeParse(id.slice(0, at));
  const subject = id.slice(at + 1);
  if (!parsed.success || subject === "") {
    throw new AppError("not_found", `There is no ban ${JSON.stringify(id)}`);
  }
  const spelling = parsed.data === "address" ? findNetwork(subject)?.text : subject;
  return { kind: parsed.data, subject: spelling ?? subject };
}

async function checkSubject(
  { sql }: EgressContext,
  actor: Actor,
  { kind, subject }: Pick<Ban, "kind" | "subject">,
): Promise<void> {
  if (kind === "user") refuseAbove(actor, (await getUserById(sql, subject)).roles);
}

function expiryOf(text: string | undefined, now: number): Date | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (at.getTime() > now) return at;
  throw new AppError("invalid", "Cannot ban until a time that is over");
}

export const BAN_ROUTES = [
  read.list({
    path: "/api/v1/bans",
    permission: "bans:read",
    summary: "Lists bans in force",
    query: z.strictObject({ kind: kind.optional() }),
    key: z.tuple([kind, reference]),
    output: banSchema,
    async run({ sql }, { query, after, limit }) {
      const from = after && { kind: after[0], subject: after[1] };
      const bans = await pageBans(sql, query.kind, from, limit + 1);
      const keyOf = (ban: Ban): [Ban["kind"], string] => [ban.kind, ban.subject];
      const page = pageOf(bans, limit, keyOf);
      return mapPage(page, banView);
    },
  }),
  write.item({
    method: "POST",
    path: "/api/v1/bans",
    permission: "bans:write",
    summary: "Bans a user, an address or a network; an earlier ban of it is replaced",
    answer: "created",
    body: newBan,
    output: banSchema,
    async run(context, { actor, body: { expires_at, ...ban } }) {
      await checkSubject(context, actor, ban);
      const expiresAt = expiryOf(expires_at, context.clock.now());
      return banView(await addBan(context, actor, { ...ban, ...given({ expiresAt }) }));
    },
  }),
  read.item({
    path: "/api/v1/bans/:id",
    permission: "bans:read",
    summary: "Shows a ban in force",
    output: banSchema,
    async run({ sql }, input) {
      const id = paramOf(input, "id");
      const ban = await findBan(sql, subjectOf(id));
      if (ban) return banView(ban);
      throw new AppError("not_found", `There is no ban ${JSON.stringify(id)}`);
    },
  }),
  write.item({
    method: "DELETE",
    path: "/api/v1/bans/:id",
    permission: "bans:write",
    summary: "Lifts a ban",
    answer: "empty",
    output: z.null(),
    async run(context, { actor, expect, ...input }) {
      const which = subjectOf(paramOf(input, "id"));
      await checkSubject(context, actor, which);
      const ban = await findBan(context.sql, which);
      if (ban) expect(banView(ban));
      await removeBan(context, actor, which);
      return null;
    },
  }),
];
