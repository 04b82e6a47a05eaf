import type { RuleInfo } from "../rule_info.ts";
import type { BlocklistConfig } from "./config.ts";

/** Every rule of the blocklist, enabled or not. */
export function listBlocklistRules(
  config: BlocklistConfig,
  source = "services/governance/blocklist.yaml",
): RuleInfo[] {
  return Object.entries(config.categories).flatMap(([category, { enabled, rules }]) =>
    rules.map((rule) => ({
      id: `blocklist.${category}.${rule.id}`,
      stage: "blocklist",
      category,
      description: rule.description,
      source,
      enabled: enabled && rule.enabled,
    }))
  );
}
