import { TIERS } from "../../kernel/tiers.ts";
import * as z from "zod";

const glob = z.string().min(1).max(256);
const name = z.string().regex(
  /^[A-Za-z0-9][\w.:-]{0,127}$/,
  "Expected letters, digits and _ . : -",
);
const permission = z.string().regex(
  /^(\*|[a-z_]+:(\*|[a-z_]+))$/,
  'Expected "subject:verb", "subject:*" or "*"',
);

/** Which targets may be called: none without a match in `allow`, none with a match in `deny`. */
const roleTargets = z.strictObject({
  allow: z.array(glob),
  deny: z.array(glob).default([]),
});

/** What narrows a role: what it does not mention stays as the role says. */
const narrowing = z.strictObject({
  allow: z.array(glob).optional(),
  deny: z.array(glob).default([]),
});

const role = z.strictObject({
  description: z.string().default(""),
  permissions: z.array(permission),
  targets: roleTargets,
});

const department = z.strictObject({
  description: z.string().default(""),
  targets: narrowing,
});

const roles = Object.fromEntries(TIERS.map((tier) => [tier, role])) as Record<
  typeof TIERS[number],
  typeof role
>;

/** The schema of `services/governance/roles.yaml`. */
export const rolesSchema = z.strictObject({
  roles: z.strictObject(roles),
  departments: z.record(z.string().min(1), department).default({}),
});

/** The schema of one file of `services/agents/`. */
export const agentSchema = z.strictObject({
  name,
  description: z.string().default(""),
  /** The most this agent may do: it lowers the tier of the token, it never raises it. */
  tier: z.enum(TIERS),
  /** Names by which clients call this agent, e.g. Claude Code's built-in subagent types. */
  agent_types: z.array(z.string().min(1).max(128)).default([]),
  /** Ids of the users who may act as this agent; empty: everyone. */
  users: z.array(z.string().min(1)).default([]),
  departments: z.array(z.string().min(1)).default([]),
  targets: narrowing.default({ deny: [] }),
});

export type RolesConfig = z.output<typeof rolesSchema>;
export type AgentConfig = z.output<typeof agentSchema>;
export type Narrowing = z.output<typeof narrowing>;
