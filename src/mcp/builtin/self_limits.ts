import * as z from "zod";
import type { Pool } from "../../db/mod.ts";
import {
  budgetsOf,
  callWindowOf,
  type LimitsConfig,
  type OwnWindow,
} from "../../governance/mod.ts";
import type { McpCaller } from "../gateway/mod.ts";
import { type AddTool, count } from "./read_tool.ts";
import { listWindows, type WindowUse } from "./self_store.ts";

const window = {
  cap: count,
  used: count,
  remaining: count,
  window_seconds: z.number(),
  resets_at: z.iso.datetime().nullable().describe("Null: a new window starts with the next call"),
};

/** How much the caller may still do. */
export function addLimitTools(
  add: AddTool,
  sql: Pool,
  caller: McpCaller,
  limits: () => LimitsConfig,
): void {
  add("my_budget_remaining", "What is left of the budgets that my calls are charged to", {
    input: z.object({}),
    output: z.object({
      budgets: z.array(z.object({
        id: z.string(),
        per: z.string(),
        unit: z.string(),
        ...window,
      })),
    }),
    async answer() {
      const budgets = budgetsOf(limits(), caller);
      const uses = await listWindows(sql, budgets.map(({ key }) => key));
      return {
        budgets: budgets.map(({ budget: { id, per, unit }, ...own }) => ({
          id,
          per,
          unit,
          ...roomOf(own, uses),
        })),
      };
    },
  });

  add("my_limits", "How many calls this session may make, and how many it has made", {
    input: z.object({}),
    output: z.object({ role: z.string(), agent: z.string().nullable(), ...window }),
    async answer() {
      const own = callWindowOf(limits(), caller, caller.tier);
      const uses = await listWindows(sql, [own.key]);
      return { role: caller.tier, agent: caller.agent ?? null, ...roomOf(own, uses) };
    },
  });
}

function roomOf(
  { key, cap, lengthMs }: OwnWindow,
  uses: readonly WindowUse[],
): Record<string, unknown> {
  const use = uses.find((each) => each.key === key);
  const used = use?.used ?? 0;
  return {
    cap,
    used,
    remaining: Math.max(0, cap - used),
    window_seconds: lengthMs / 1000,
    resets_at: use?.endsAt.toISOString() ?? null,
  };
}
