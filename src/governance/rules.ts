import type { Call } from "./call.ts";
import type { GovernanceConfig } from "./config.ts";
import { createBlocklistStage } from "./blocklist/mod.ts";
import { createLimits, type Limits } from "./limits/mod.ts";
import { createPolicyStage, loadPolicies } from "./policies/mod.ts";
import { type EffectiveTier, effectiveTier } from "./roles/mod.ts";
import { createSecretScanner, type SecretScanner } from "./secrets/mod.ts";
import { identityStage } from "./stages/identity.ts";
import { createScopeStage } from "./stages/scope.ts";
import { createSecretsStage } from "./stages/secrets.ts";
import type { Stage } from "./stages/stage.ts";

/** Everything that decides, compiled from one revision of the configuration. Immutable. */
export interface Rules {
  readonly revision: string;
  /** The stages before the commit, in order. */
  readonly stages: readonly Stage[];
  readonly limits: Limits;
  readonly scanner: SecretScanner;
  tierOf(call: Call): EffectiveTier;
  /** Whether any policy looks at the input: then another input may be decided otherwise. */
  readonly policiesReadInput: boolean;
}

/** Compiles a configuration. `fingerprintKey` keys the fingerprints of secrets that are found. */
export async function compileRules(
  config: GovernanceConfig,
  revision: string,
  fingerprintKey: Uint8Array,
): Promise<Rules> {
  const policies = await loadPolicies(config.policies.files, config.policies.schema);
  const scanner = createSecretScanner(config.secrets, fingerprintKey);
  return {
    revision,
    stages: [
      identityStage,
      createScopeStage(config.roles, config.agents),
      createSecretsStage(scanner),
      createBlocklistStage(config.blocklist),
      createPolicyStage(policies),
    ],
    limits: createLimits(config.limits),
    scanner,
    tierOf: (call) => effectiveTier(call, config.agents),
    policiesReadInput: policies.set?.features.input ?? false,
  };
}
