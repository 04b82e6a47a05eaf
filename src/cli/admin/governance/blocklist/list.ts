import { listBlocklistRules } from "../../../../governance/mod.ts";
import type { CliContext } from "../../../context.ts";
import { getConfiguration } from "../../config/load.ts";

interface Flags {
  readonly category?: string;
}

export default async function list(this: CliContext, { category }: Flags): Promise<void> {
  const { governance, revision } = await getConfiguration(this);
  const rules = listBlocklistRules(governance.blocklist)
    .filter((rule) => category === undefined || rule.category === category);
  const categories = Object.entries(governance.blocklist.categories)
    .map(([name, { description, enabled }]) => ({
      category: name,
      description,
      enabled,
      rules: rules.filter((rule) => rule.category === name).length,
    }))
    .filter((each) => category === undefined || each.category === category);
  this.out.table({
    kind: "governance.blocklist",
    rows: rules,
    columns: [{ label: "ID", of: ({ id }) => id, keep: true }, "enabled", "description"],
    data: { revision, categories, rules, total: rules.length },
    empty: "No rule of this category.",
  });
}
