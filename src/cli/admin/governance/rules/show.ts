import { stringify } from "yaml";
import { type GovernanceConfig, listRules, type RuleInfo } from "../../../../governance/mod.ts";
import { AppError } from "../../../../kernel/errors.ts";
import { didYouMean } from "../../../../kernel/suggest.ts";
import type { CliContext } from "../../../context.ts";
import { cardView, textView } from "../../../output/view.ts";
import { getConfiguration } from "../../config/load.ts";

export default async function show(this: CliContext, _: object, id: string): Promise<void> {
  const { governance, revision } = await getConfiguration(this);
  const rules = await listRules(governance);
  const found = rules.filter((rule) => rule.id === id || rule.id.endsWith(`.${id}`));
  const rule = rules.find((one) => one.id === id) ?? (found.length === 1 ? found[0] : undefined);
  if (!rule) throw unknownRule(id, rules, found);
  const definition = await definitionOf(rule, governance);
  const text = typeof definition === "string" ? definition : stringify(definition, withoutEmpty);
  this.out.report({
    kind: "governance.rule",
    data: { ...rule, revision, definition: definition ?? null },
    views: [
      cardView({ ...rule }),
      ...definition === undefined ? [] : [textView(text, "DEFINITION")],
    ],
  });
}

/** A reader is not helped by what a rule does not say. */
function withoutEmpty(_key: unknown, value: unknown): unknown {
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}

function unknownRule(id: string, rules: readonly RuleInfo[], found: readonly RuleInfo[]): AppError {
  const hint = found.length > 1
    ? `Which of ${found.map((rule) => rule.id).join(", ")}?`
    : didYouMean(id, rules.flatMap((rule) => [rule.id, rule.id.slice(rule.id.indexOf(".") + 1)]));
  return new AppError("not_found", `Cannot find the rule ${JSON.stringify(id)}`, {
    hint: hint ?? 'See "spgov admin governance rules list".',
  });
}

/** What the configuration says about a rule; undefined where it is built in. */
function definitionOf({ id, stage, category }: RuleInfo, config: GovernanceConfig): unknown {
  const name = id.slice(id.lastIndexOf(".") + 1);
  switch (stage) {
    case "scope":
      return scopeDefinition(category, id.slice(`scope.${category}.`.length), config);
    case "secrets":
      return config.secrets.kinds.find(({ kind }) => kind === name);
    case "blocklist":
      return config.blocklist.categories[category]?.rules.find((rule) => rule.id === name);
    case "policies":
      return policyText(id.slice("policy:".length), config);
    case "commit":
      return category === "budget"
        ? config.limits.budgets.find((budget) => budget.id === name)
        : config.limits.calls;
    default:
      return undefined;
  }
}

function scopeDefinition(category: string, name: string, config: GovernanceConfig): unknown {
  if (category === "agent") return config.agents.find((agent) => agent.name === name);
  const table: Readonly<Record<string, unknown>> = category === "department"
    ? config.roles.departments
    : config.roles.roles;
  return table[name];
}

async function policyText(id: string, { policies }: GovernanceConfig): Promise<string | undefined> {
  const { loadPolicies } = await import("../../../../governance/mod.ts");
  const loaded = await loadPolicies(policies.files, policies.schema);
  return loaded.policies.find((policy) => policy.id === id)?.text;
}
