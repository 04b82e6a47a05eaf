import { type Tier, TIER_RANK } from "../../../kernel/tiers.ts";
import type { CliContext } from "../../context.ts";
import { getConfiguration } from "../config/load.ts";

export default async function show(this: CliContext, _: object, role: Tier): Promise<void> {
  const { governance: { roles: { roles } } } = await getConfiguration(this);
  const { permissions, targets, description } = roles[role];
  this.out.card({
    kind: "roles.show",
    data: { role, rank: TIER_RANK[role], description, permissions, targets },
  });
}
