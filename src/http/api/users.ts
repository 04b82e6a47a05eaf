import * as z from "zod";
import {
  createServiceAccount,
  createUser,
  deleteUser,
  getUserById,
  pageUsers,
  updateUser,
  type User,
  USER_STATUSES,
} from "../../identity/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Tier } from "../../kernel/tiers.ts";
import type { EgressContext, GatewayContext } from "./context.ts";
import { declareRoutes, mapPage, pageOf, paramOf } from "./route.ts";
import { given, optionalText, orEmpty, reference, text, tier, timestamp } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "Users");
const write = declareRoutes<EgressContext>("egress", "Users");

export const userSchema = z.object({
  id: z.string(),
  kind: z.enum(["person", "service"]),
  email: z.string(),
  email_verified: z.boolean(),
  name: z.string(),
  full_name: z.string().nullable(),
  display_name: z.string().nullable(),
  status: z.enum(USER_STATUSES),
  roles: z.array(tier),
  department: z.string().nullable(),
  description: z.string(),
  owner_id: z.string().nullable().describe("Who answers for a service account"),
  created_at: timestamp,
  updated_at: timestamp,
}).meta({ id: "User" });

const email = z.string().min(3).max(254);
const roles = z.array(tier).min(1).max(6);
/** Deleting is a request of its own. */
const status = z.enum(["active", "inactive", "suspended", "pending"]);

const newUser = z.strictObject({
  email,
  name: text,
  full_name: optionalText.optional(),
  display_name: optionalText.optional(),
  department: optionalText.optional(),
  status: status.optional(),
  roles: roles.optional().describe("`user` unless given; another takes the permission roles:write"),
}).meta({ id: "NewUser" });

const userChanges = z.strictObject({
  email: email.optional(),
  name: text.optional(),
  full_name: optionalText.optional(),
  display_name: optionalText.optional(),
  department: optionalText.optional(),
  description: z.string().max(200).optional(),
  status: status.optional(),
}).meta({ id: "UserChanges" });

const newServiceAccount = z.strictObject({
  name: text.describe("Lower-case letters, digits and . _ -"),
  roles: roles.optional().describe("`service` unless given; another takes roles:write"),
  description: z.string().max(200).optional(),
  department: text.optional(),
  owner: reference.optional().describe("The person who answers for it: id, email or name"),
}).meta({ id: "NewServiceAccount" });

/** Throws `forbidden` where the caller names roles that take more than creating does. */
function checkRoles(roles: readonly Tier[] | undefined, usual: Tier, mayGive: boolean): void {
  if (mayGive || !roles || roles.every((role) => role === usual)) return;
  throw new AppError("forbidden", "Naming roles takes the permission roles:write");
}

/** A user as the API shows it. */
export function userView(user: User): z.input<typeof userSchema> {
  return {
    id: user.id,
    kind: user.kind,
    email: user.email,
    email_verified: user.emailVerified,
    name: user.name,
    full_name: user.fullName,
    display_name: user.displayName,
    status: user.status,
    roles: [...user.roles],
    department: user.department,
    description: user.description,
    owner_id: user.ownerId,
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
  };
}

function changesOf({ full_name, display_name, department, ...rest }: z.output<typeof userChanges>) {
  return given({
    ...rest,
    fullName: orEmpty(full_name),
    displayName: orEmpty(display_name),
    department: orEmpty(department),
  });
}

export const USER_ROUTES = [
  read.list({
    path: "/api/v1/users",
    permission: "users:read",
    summary: "Lists users, oldest first",
    query: z.strictObject({
      kind: z.enum(["person", "service"]).optional(),
      status: z.enum(USER_STATUSES).optional().describe("Everybody but deleted users unless given"),
      role: tier.optional(),
      department: reference.optional(),
      email: email.optional().describe("The whole email, in any case"),
      name_prefix: text.optional().describe("How the name begins, in any case"),
    }),
    key: reference,
    output: userSchema,
    async run({ sql }, { query: { name_prefix, ...filter }, after, limit }) {
      const users = await pageUsers(sql, { ...filter, namePrefix: name_prefix }, after, limit + 1);
      return mapPage(pageOf(users, limit, ({ id }) => id), userView);
    },
  }),
  write.item({
    method: "POST",
    path: "/api/v1/users",
    permission: "users:write",
    summary: "Creates a user",
    answer: "created",
    body: newUser,
    output: userSchema,
    async run(context, { actor, may, body: { roles, ...rest } }) {
      checkRoles(roles, "user", may("roles:write"));
      const { email, name } = rest;
      const user = { ...changesOf(rest), email, name, ...roles && { roles } };
      return userView(await createUser(context, actor, user));
    },
  }),
  write.item({
    method: "POST",
    path: "/api/v1/service-accounts",
    permission: "users:write",
    summary: "Creates a user that nobody signs in as: it acts by keys and tokens only",
    answer: "created",
    locatedAt: "/api/v1/users",
    body: newServiceAccount,
    output: userSchema,
    async run(context, { actor, may, body: { name, ...rest } }) {
      checkRoles(rest.roles, "service", may("roles:write"));
      return userView(await createServiceAccount(context, actor, { name, ...given(rest) }));
    },
  }),
  read.item({
    path: "/api/v1/users/:id",
    permission: "users:read",
    summary: "Shows a user",
    output: userSchema,
    run: async ({ sql }, input) => userView(await getUserById(sql, paramOf(input, "id"))),
  }),
  write.item({
    method: "PATCH",
    path: "/api/v1/users/:id",
    permission: "users:write",
    summary: "Changes what is given of a user; null takes away",
    body: userChanges,
    output: userSchema,
    async run(context, input) {
      const user = await updateUser(context, input.actor, paramOf(input, "id"), (before) => {
        input.expect(userView(before));
        return changesOf(input.body);
      });
      return userView(user);
    },
  }),
  write.item({
    method: "PUT",
    path: "/api/v1/users/:id/roles",
    permission: "roles:write",
    summary: "Replaces the roles of a user",
    body: z.strictObject({ roles }),
    output: userSchema,
    async run(context, input) {
      const { roles } = input.body;
      const user = await updateUser(context, input.actor, paramOf(input, "id"), (before) => {
        input.expect(userView(before));
        return { roles };
      });
      return userView(user);
    },
  }),
  write.item({
    method: "DELETE",
    path: "/api/v1/users/:id",
    permission: "users:write",
    summary: "Deletes a user and ends its sessions; its row stays for the audit",
    answer: "empty",
    output: z.null(),
    async run(context, input) {
      const check = (before: User) => input.expect(userView(before));
      await deleteUser(context, input.actor, paramOf(input, "id"), check);
      return null;
    },
  }),
];
