import * as z from "zod";
import {
  changeMembers,
  createGroup,
  deleteGroup,
  type Group,
  lockGroup,
  pageGroups,
  pageMembers,
  updateGroup,
} from "../../identity/mod.ts";
import type { Sql } from "../../db/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { EgressContext, GatewayContext } from "./context.ts";
import { declareRoutes, mapPage, pageOf, paramOf } from "./route.ts";
import { given, reference, text, timestamp } from "./schemas.ts";
import { userSchema, userView } from "./users.ts";
import { within } from "./within.ts";

const read = declareRoutes<GatewayContext>("gateway", "Groups");
const write = declareRoutes<EgressContext>("egress", "Groups");

const groupSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  created_at: timestamp,
  updated_at: timestamp,
}).meta({ id: "Group" });

const fields = { name: text, description: z.string().max(200).optional() };
const ids = z.array(reference).max(1000).optional();
const memberChanges = z.strictObject({ add: ids, remove: ids }).meta({ id: "MemberChanges" });
const memberResult = z.object({ added: z.array(z.string()), removed: z.array(z.string()) })
  .meta({ id: "MemberResult" });

function view({ id, name, description, createdAt, updatedAt }: Group): z.input<typeof groupSchema> {
  return {
    id,
    name,
    description,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

async function getById(sql: Sql, id: string): Promise<Group> {
  const [group] = await pageGroups(sql, { id }, undefined, 1);
  if (group) return group;
  throw new AppError("not_found", `Cannot find the group ${JSON.stringify(id)}`);
}

async function lockById(sql: Sql, id: string): Promise<Group> {
  return await lockGroup(sql, id) ?? await getById(sql, id);
}

export const GROUP_ROUTES = [
  read.list({
    path: "/api/v1/groups",
    permission: "groups:read",
    summary: "Lists groups, oldest first",
    query: z.strictObject({ name: text.optional().describe("The whole name, in any case") }),
    key: reference,
    output: groupSchema,
    async run({ sql }, { query, after, limit }) {
      const groups = await pageGroups(sql, query, after, limit + 1);
      return mapPage(pageOf(groups, limit, ({ id }) => id), view);
    },
  }),
  write.item({
    method: "POST",
    path: "/api/v1/groups",
    permission: "groups:write",
    summary: "Creates a group without members",
    answer: "created",
    body: z.strictObject(fields).meta({ id: "NewGroup" }),
    output: groupSchema,
    run: async (context, { actor, body: { name, ...rest } }) =>
      view(await createGroup(context, actor, { name, ...given(rest) })),
  }),
  read.item({
    path: "/api/v1/groups/:id",
    permission: "groups:read",
    summary: "Shows a group",
    output: groupSchema,
    run: async ({ sql }, input) => view(await getById(sql, paramOf(input, "id"))),
  }),
  write.item({
    method: "PATCH",
    path: "/api/v1/groups/:id",
    permission: "groups:write",
    summary: "Renames or describes a group",
    body: z.strictObject({ ...fields, name: text.optional() }).meta({ id: "GroupChanges" }),
    output: groupSchema,
    run: (outer, { actor, body, expect, ...input }) =>
      within(outer, async (context) => {
        const { id } = await lockById(context.sql, paramOf(input, "id"));
        expect(view(await getById(context.sql, id)));
        return view(await updateGroup(context, actor, id, given(body)));
      }),
  }),
  write.item({
    method: "DELETE",
    path: "/api/v1/groups/:id",
    permission: "groups:write",
    summary: "Deletes a group; its members stay who they are",
    answer: "empty",
    output: z.null(),
    run: (outer, { actor, expect, ...input }) =>
      within(outer, async (context) => {
        const group = await lockById(context.sql, paramOf(input, "id"));
        expect(view(group));
        await deleteGroup(context, actor, group.id);
        return null;
      }),
  }),
  read.list({
    path: "/api/v1/groups/:id/members",
    permission: "groups:read",
    summary: "Lists the members of a group who are not deleted",
    query: z.strictObject({}),
    key: reference,
    output: userSchema,
    async run({ sql }, { after, limit, ...input }) {
      const { id } = await getById(sql, paramOf(input, "id"));
      const users = await pageMembers(sql, id, after, limit + 1);
      return mapPage(pageOf(users, limit, (user) => user.id), userView);
    },
  }),
  write.item({
    method: "PATCH",
    path: "/api/v1/groups/:id/members",
    permission: "groups:write",
    summary: "Takes users in and out of a group; answers who really came and went",
    body: memberChanges,
    output: memberResult,
    async run(context, { actor, body, ...input }) {
      const { added, removed } = await changeMembers(
        context,
        actor,
        paramOf(input, "id"),
        given(body),
      );
      return { added: [...added], removed: [...removed] };
    },
  }),
];
