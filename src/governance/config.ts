import * as z from "zod";
import type { BlocklistConfig } from "./blocklist/mod.ts";
import type { LimitsConfig } from "./limits/mod.ts";
import type { PolicySource } from "./policies/mod.ts";
import type { AgentConfig, RolesConfig } from "./roles/mod.ts";
import type { SecretsConfig } from "./secrets/mod.ts";

/** `services/governance/config.yaml`. */
export const hooksConfig = z.strictObject({
  hooks: z.strictObject({
    /**
     * What a client is told when nothing objects: `allow` lets the call run without asking its user,
     * `defer` leaves the client's own permission prompts in place.
     */
    on_allow: z.enum(["allow", "defer"]).default("allow"),
  }),
});

export type HooksConfig = z.output<typeof hooksConfig>;

/** Everything that decides, as it stands in `services/`. */
export interface GovernanceConfig {
  readonly hooks: HooksConfig;
  readonly roles: RolesConfig;
  readonly agents: readonly AgentConfig[];
  readonly secrets: SecretsConfig;
  readonly blocklist: BlocklistConfig;
  readonly limits: LimitsConfig;
  readonly policies: PolicySources;
}

/** The Cedar files, as text: what they compile to cannot be posted to another isolate. */
export interface PolicySources {
  readonly files: readonly PolicySource[];
  readonly schema: PolicySource | undefined;
}
