import * as z from "zod";
import { listRules, type RuleInfo, STAGES } from "../../governance/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { ApiConfiguration, GatewayContext } from "./context.ts";
import { declareRoutes, pageFrom, paramOf } from "./route.ts";
import { flag, reference, tier } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "Governance");

const ruleSchema = z.object({
  id: z.string(),
  stage: z.enum(STAGES),
  category: z.string(),
  description: z.string(),
  source: z.string().describe("The file that configures it, or `built in`"),
  enabled: z.boolean(),
}).meta({ id: "Rule" });

const policySchema = z.object({ file: z.string(), text: z.string() }).meta({ id: "PolicyFile" });

const agentSchema = z.object({
  name: z.string(),
  description: z.string(),
  tier,
  agent_types: z.array(z.string()),
  users: z.array(z.string()),
  departments: z.array(z.string()),
  targets: z.object({ allow: z.array(z.string()).optional(), deny: z.array(z.string()) }),
}).meta({ id: "Agent" });

const compiled = new WeakMap<ApiConfiguration["governance"], Promise<readonly RuleInfo[]>>();

/** The rules of a configuration, read once for each. */
function rulesOf({ governance }: ApiConfiguration): Promise<readonly RuleInfo[]> {
  const known = compiled.get(governance) ?? listRules(governance);
  compiled.set(governance, known);
  return known;
}

export const GOVERNANCE_ROUTES = [
  read.list({
    path: "/api/v1/governance/rules",
    permission: "governance:read",
    summary: "Lists every rule that may decide, by id",
    query: z.strictObject({
      stage: z.enum(STAGES).optional(),
      category: reference.optional(),
      enabled: flag.optional(),
    }),
    key: reference,
    output: ruleSchema,
    async run({ configuration }, { query: { stage, category, enabled }, after, limit }) {
      const rules = (await rulesOf(configuration)).filter((rule) =>
        (stage === undefined || rule.stage === stage) &&
        (category === undefined || rule.category === category) &&
        (enabled === undefined || rule.enabled === enabled)
      );
      return pageFrom(rules, ({ id }) => id, after, limit);
    },
  }),
  read.item({
    path: "/api/v1/governance/rules/:id",
    permission: "governance:read",
    summary: "Shows a rule",
    output: ruleSchema,
    async run({ configuration }, input) {
      const id = paramOf(input, "id");
      const rule = (await rulesOf(configuration)).find((each) => each.id === id);
      if (rule) return rule;
      throw new AppError("not_found", `There is no rule ${JSON.stringify(id)}`);
    },
  }),
  read.list({
    path: "/api/v1/governance/policies",
    permission: "governance:read",
    summary: "Lists the policy files, with their text",
    query: z.strictObject({}),
    key: reference,
    output: policySchema,
    run: ({ configuration: { governance } }, { after, limit }) =>
      Promise.resolve(pageFrom(governance.policies.files, ({ file }) => file, after, limit)),
  }),
  read.list({
    path: "/api/v1/governance/agents",
    permission: "governance:read",
    summary: "Lists the agents of services/agents, by name",
    query: z.strictObject({}),
    key: reference,
    output: agentSchema,
    run({ configuration: { governance } }, { after, limit }) {
      const page = pageFrom(governance.agents, ({ name }) => name, after, limit);
      const items = page.items.map(({ targets: { allow, deny }, ...agent }) => ({
        ...agent,
        targets: { deny, ...allow && { allow } },
      }));
      return Promise.resolve({ ...page, items });
    },
  }),
];
