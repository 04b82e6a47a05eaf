import * as z from "zod";
import type { Pool } from "../../db/mod.ts";
import { type AddTool, count, PERIOD, since } from "./read_tool.ts";
import {
  type CallCounts,
  countCalls,
  listDenials,
  measureLatency,
  type Subject,
  type TargetCounts,
} from "./self_store.ts";

/** Targets that are counted one by one. */
const MAX_TARGETS = 200;

const rate = z.number().min(0).max(1).describe("0 to 1");
const counts = {
  calls: count,
  denied: count,
  ok: count,
  errors: count,
  timeouts: count,
  cancelled: count,
  open: count.describe("Allowed, and nothing is known yet of what became of it"),
};
const percentiles = z.object({
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  max: z.number().nullable(),
});

/** What became of the subject's calls. */
export function addUsageTools(add: AddTool, sql: Pool, subject: Subject): void {
  add("my_error_rate", "How many of my calls fail or are denied, and which", {
    input: PERIOD,
    output: z.object({
      since,
      ...counts,
      error_rate: rate,
      denial_rate: rate,
      by_target: z.array(z.object({ target: z.string(), ...counts })),
    }),
    async answer({ from }) {
      const found = await countCalls(sql, subject, from, MAX_TARGETS);
      const total = sum(found);
      const ran = total.ok + total.errors + total.timeouts;
      return {
        ...withoutCost(total),
        error_rate: ran === 0 ? 0 : (total.errors + total.timeouts) / ran,
        denial_rate: total.calls === 0 ? 0 : total.denied / total.calls,
        by_target: found.map(({ target, ...rest }) => ({ target, ...withoutCost(rest) })),
      };
    },
  });

  add("my_cost", "What my calls cost, in microdollars", {
    input: PERIOD,
    output: z.object({
      since,
      calls: count,
      microdollars: z.number(),
      by_target: z.array(z.object({ target: z.string(), calls: count, microdollars: z.number() })),
    }),
    async answer({ from }) {
      const found = await countCalls(sql, subject, from, MAX_TARGETS);
      const { calls, microdollars } = sum(found);
      return {
        calls,
        microdollars,
        by_target: found.filter((each) => each.microdollars > 0)
          .map(({ target, calls, microdollars }) => ({ target, calls, microdollars })),
      };
    },
  });

  add("my_latency", "How long deciding my calls took, and how long they ran", {
    input: PERIOD,
    output: z.object({
      since,
      calls: count,
      decision_us: percentiles,
      execution_us: percentiles,
    }),
    async answer({ from }) {
      const { calls, decision, execution } = await measureLatency(sql, subject, from);
      return { calls, decision_us: decision, execution_us: execution };
    },
  });

  add("my_recent_denials", "My newest denials, and the rule behind each", {
    input: PERIOD.extend({ limit: z.number().int().min(1).max(100).default(20) }),
    output: z.object({
      since,
      denials: z.array(z.object({
        id: z.string().describe("The decision, for whoever looks it up"),
        at: z.iso.datetime(),
        target: z.string(),
        policy: z.string(),
        rule: z.string().nullable(),
        reason: z.string().nullable(),
      })),
    }),
    async answer({ from, input }) {
      const denials = await listDenials(sql, subject, from, input.limit);
      return { denials: denials.map(({ at, ...rest }) => ({ ...rest, at: at.toISOString() })) };
    },
  });
}

function sum(found: readonly TargetCounts[]): CallCounts {
  const total = {
    calls: 0,
    denied: 0,
    ok: 0,
    errors: 0,
    timeouts: 0,
    cancelled: 0,
    open: 0,
    microdollars: 0,
  };
  for (const each of found) {
    for (const key of Object.keys(total) as (keyof CallCounts)[]) total[key] += each[key];
  }
  return total;
}

function withoutCost({ microdollars: _, ...rest }: CallCounts): Omit<CallCounts, "microdollars"> {
  return rest;
}
