import { listRules, type RuleInfo } from "../../../../governance/mod.ts";
import type { CliContext } from "../../../context.ts";
import { getConfiguration } from "../../config/load.ts";

interface Flags {
  readonly stage?: RuleInfo["stage"];
  readonly category?: string;
  readonly disabled: boolean;
}

export default async function list(this: CliContext, flags: Flags): Promise<void> {
  const { governance, revision } = await getConfiguration(this);
  const rules = (await listRules(governance)).filter((rule) =>
    rule.stage === (flags.stage ?? rule.stage) &&
    rule.category.toLowerCase() === (flags.category ?? rule.category).toLowerCase() &&
    (!flags.disabled || !rule.enabled)
  );
  this.out.table({
    kind: "governance.rules",
    rows: rules,
    columns: [
      { label: "ID", of: ({ id }) => id, keep: true },
      "category",
      "enabled",
      "source",
      "description",
    ],
    data: { revision, rules, total: rules.length },
    empty: "No rule.",
  });
}
