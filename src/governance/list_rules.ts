import { TOKEN_RULES } from "../identity/mod.ts";
import { listBlocklistRules } from "./blocklist/mod.ts";
import type { GovernanceConfig } from "./config.ts";
import { listPolicyRules, loadPolicies } from "./policies/mod.ts";
import { listScopeRules } from "./roles/mod.ts";
import type { RuleInfo } from "./rule_info.ts";
import { createSecretScanner } from "./secrets/mod.ts";

const FOLDER = "services/governance";

/** Every rule that may decide, enabled or not, in the order of the stages. */
export async function listRules(config: GovernanceConfig): Promise<readonly RuleInfo[]> {
  const policies = await loadPolicies(config.policies.files, config.policies.schema);
  return [
    ...identityRules(),
    ...listScopeRules(config.roles, config.agents),
    ...listSecretRules(config.secrets),
    ...listBlocklistRules(config.blocklist),
    ...listPolicyRules(policies),
    ...limitRules(config.limits),
  ];
}

/** Every kind of secret as a rule of the secrets stage, those that are switched off too. */
export function listSecretRules(config: GovernanceConfig["secrets"]): readonly RuleInfo[] {
  const all = createSecretScanner({ ...config, disabled: [] }, new Uint8Array(32)).kinds;
  const own = new Set(config.kinds.map(({ kind }) => kind));
  const disabled = new Set(config.disabled);
  return all.map(({ kind, provider, description }) => ({
    id: `secrets.${kind}`,
    stage: "secrets",
    category: provider,
    description,
    source: own.has(kind) ? `${FOLDER}/secrets.yaml` : "built in",
    enabled: !disabled.has(kind),
  }));
}

function identityRules(): RuleInfo[] {
  return Object.entries(TOKEN_RULES).map(([rule, description]) => ({
    id: `identity.${rule}`,
    stage: "identity",
    category: "token",
    description,
    source: "built in",
    enabled: true,
  }));
}

function limitRules({ calls, budgets }: GovernanceConfig["limits"]): RuleInfo[] {
  const rule = (id: string, category: string, description: string): RuleInfo => ({
    id: `commit.${id}`,
    stage: "commit",
    category,
    description,
    source: `${FOLDER}/limits.yaml`,
    enabled: true,
  });
  return [
    rule(
      "calls_per_window",
      "rate_limit",
      `${calls.per_window} calls a session in ${
        calls.window / 1000
      } s, times the role's multiplier`,
    ),
    ...budgets.map(({ id, cap, unit, per, window }) =>
      rule(id, "budget", `${cap} ${unit} per ${per} in ${window / 1000} s`)
    ),
  ];
}
