import * as z from "zod";
import { AppError } from "../../kernel/errors.ts";
import { isTier, type Tier, TIER_RANK, TIERS } from "../../kernel/tiers.ts";
import type { ApiConfiguration, GatewayContext } from "./context.ts";
import { declareRoutes, paramOf } from "./route.ts";
import { tier } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "Roles");

const roleSchema = z.object({
  name: tier,
  rank: z.int(),
  description: z.string(),
  permissions: z.array(z.string()),
  targets: z.object({ allow: z.array(z.string()), deny: z.array(z.string()) }),
}).meta({ id: "Role" });

function roleView(name: Tier, { governance }: ApiConfiguration): z.input<typeof roleSchema> {
  return { name, rank: TIER_RANK[name], ...governance.roles.roles[name] };
}

export const ROLE_ROUTES = [
  read.list({
    path: "/api/v1/roles",
    permission: "roles:read",
    summary:
      "Lists the roles, most trusted first, with what services/governance/roles.yaml gives them",
    query: z.strictObject({}),
    key: tier,
    output: roleSchema,
    run({ configuration }, { after, limit }) {
      const from = after === undefined ? 0 : TIERS.indexOf(after) + 1;
      const names = TIERS.slice(from, from + limit);
      const last = names.at(-1);
      const next = from + limit < TIERS.length ? last : undefined;
      return Promise.resolve({ items: names.map((name) => roleView(name, configuration)), next });
    },
  }),
  read.item({
    path: "/api/v1/roles/:name",
    permission: "roles:read",
    summary: "Shows a role",
    output: roleSchema,
    run({ configuration }, input) {
      const name = paramOf(input, "name");
      if (isTier(name)) return Promise.resolve(roleView(name, configuration));
      throw new AppError("not_found", `There is no role ${JSON.stringify(name)}`);
    },
  }),
];
