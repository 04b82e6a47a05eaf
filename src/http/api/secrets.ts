import * as z from "zod";
import { AppError } from "../../kernel/errors.ts";
import {
  deleteSecret,
  listSecrets,
  type SecretFacts,
  type SecretOwner,
  updateSecret,
  type VaultContext,
} from "../../vault/mod.ts";
import type { EgressContext } from "./context.ts";
import { type ApiInput, declareRoutes, mapPage, pageFrom, paramOf } from "./route.ts";
import { given, reference, timestamp } from "./schemas.ts";

/** Egress reads them too: gateways may not look at the table. A value is neither shown nor taken here. */
const egress = declareRoutes<EgressContext>("egress", "Secrets");

const kind = z.enum(["global", "department", "user"]);

const secretSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  owner_kind: kind,
  owner_id: z.string().nullable().describe("A department or a user's id"),
  servers: z.array(z.string()).describe("The servers that may get it; nobody else does"),
  state: z.enum(["active", "expired"]),
  expires_at: timestamp.nullable(),
  created_at: timestamp,
  rotated_at: timestamp.describe("When its value last changed"),
  last_used_at: timestamp.nullable(),
  key_version: z.int(),
}).meta({ id: "Secret" });

const terms = z.strictObject({
  servers: z.array(reference).min(1).max(100).optional(),
  expires_at: timestamp.nullable().optional().describe("null: never"),
}).meta({ id: "SecretTerms" });

function secretView(facts: SecretFacts, now: number): z.input<typeof secretSchema> {
  const { owner, expiresAt } = facts;
  return {
    id: facts.id,
    name: facts.name,
    owner_kind: owner.kind,
    owner_id: owner.kind === "global" ? null : owner.id,
    servers: [...facts.servers],
    state: expiresAt !== null && expiresAt.getTime() <= now ? "expired" : "active",
    expires_at: expiresAt?.toISOString() ?? null,
    created_at: facts.createdAt.toISOString(),
    rotated_at: facts.rotatedAt.toISOString(),
    last_used_at: facts.lastUsedAt?.toISOString() ?? null,
    key_version: facts.keyVersion,
  };
}

async function getById({ sql }: EgressContext, input: Pick<ApiInput<unknown, unknown>, "params">) {
  const id = z.uuid().safeParse(paramOf(input, "id"));
  const [facts] = id.success ? await listSecrets(sql, { id: id.data }) : [];
  if (facts) return facts;
  throw new AppError("not_found", `There is no secret ${JSON.stringify(paramOf(input, "id"))}`);
}

function vaultOf(context: EgressContext, { actor }: ApiInput<unknown, unknown>): VaultContext {
  return { ...context.vault, sql: context.sql, actor };
}

function ownerOf(
  kind: SecretOwner["kind"] | undefined,
  id: string | undefined,
): SecretOwner | undefined {
  if (kind === undefined && id === undefined) return undefined;
  if (kind === "global" && id === undefined) return { kind };
  if (kind !== undefined && kind !== "global" && id !== undefined) return { kind, id };
  throw new AppError("invalid", "Cannot tell whose secrets: name owner_kind and owner_id", {
    hint: "owner_kind=global stands alone.",
  });
}

export const SECRET_ROUTES = [
  egress.list({
    path: "/api/v1/secrets",
    permission: "secrets:read",
    summary: "Lists secrets without their values, oldest first",
    query: z.strictObject({
      name: reference.optional(),
      server: reference.optional(),
      owner_kind: kind.optional(),
      owner_id: reference.optional(),
    }),
    key: z.uuid(),
    output: secretSchema,
    async run({ sql, clock }, { query: { owner_kind, owner_id, ...rest }, after, limit }) {
      const owner = ownerOf(owner_kind, owner_id);
      const all = await listSecrets(sql, given({ ...rest, owner }));
      return mapPage(
        pageFrom(all, ({ id }) => id, after, limit),
        (each) => secretView(each, clock.now()),
      );
    },
  }),
  egress.item({
    path: "/api/v1/secrets/:id",
    permission: "secrets:read",
    summary: "Shows a secret without its value",
    output: secretSchema,
    run: async (context, input) => secretView(await getById(context, input), context.clock.now()),
  }),
  egress.item({
    method: "PATCH",
    path: "/api/v1/secrets/:id",
    permission: "secrets:write",
    summary: "Changes who may get a secret and until when; its value stays",
    body: terms,
    output: secretSchema,
    async run(context, input) {
      const now = context.clock.now();
      const before = await getById(context, input);
      input.expect(secretView(before, now));
      const { servers, expires_at } = input.body;
      const expiresAt = typeof expires_at === "string" ? new Date(expires_at) : expires_at;
      const changes = given({ servers, expiresAt });
      return secretView(await updateSecret(vaultOf(context, input), before, changes), now);
    },
  }),
  egress.item({
    method: "DELETE",
    path: "/api/v1/secrets/:id",
    permission: "secrets:write",
    summary: "Removes a secret: whatever holds its value is ended",
    answer: "empty",
    output: z.null(),
    async run(context, input) {
      const before = await getById(context, input);
      input.expect(secretView(before, context.clock.now()));
      await deleteSecret(vaultOf(context, input), before);
      return null;
    },
  }),
];
