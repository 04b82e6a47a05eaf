import { hasPermission } from "../../../governance/mod.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import type { CliContext } from "../../context.ts";
import { EXIT } from "../../exit.ts";
import { getConfiguration } from "../config/load.ts";

export default async function check(
  this: CliContext,
  _: object,
  role: Tier,
  permission: string,
): Promise<void> {
  const { governance: { roles } } = await getConfiguration(this);
  const allowed = hasPermission(roles, role, permission);
  this.out.card({ kind: "roles.check", data: { role, permission, allowed } });
  if (!allowed) this.setExit(EXIT.denied);
}
