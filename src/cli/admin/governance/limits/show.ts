import { createLimits } from "../../../../governance/mod.ts";
import type { CliContext } from "../../../context.ts";
import { tableView } from "../../../output/view.ts";
import { getConfiguration } from "../../config/load.ts";
import { type Tier, TIERS } from "../../../../kernel/tiers.ts";

interface Flags {
  readonly role?: Tier;
}

export default async function show(this: CliContext, { role }: Flags): Promise<void> {
  const { governance: { limits }, revision } = await getConfiguration(this);
  const compiled = createLimits(limits);
  const window = limits.calls.window / 1000;
  const calls = TIERS.filter((tier) => tier === (role ?? tier)).map((tier) => ({
    role: tier,
    multiplier: limits.calls.multipliers[tier],
    calls_per_window: compiled.callsPerWindow(tier),
    events_per_window: 10 * compiled.callsPerWindow(tier),
    window_seconds: window,
  }));
  const budgets = limits.budgets.map(({ window: ms, ...budget }) => ({
    ...budget,
    window_seconds: ms / 1000,
  }));
  this.out.report({
    kind: "governance.limits",
    data: { revision, calls, budgets, prices: limits.prices },
    views: [
      tableView(
        ["role", "multiplier", "calls_per_window", "events_per_window", "window_seconds"],
        calls,
        "CALLS OF ONE SESSION",
      ),
      tableView(["id", "per", "match", "unit", "cap", "window_seconds"], budgets, "BUDGETS"),
      tableView(["target", "microdollars"], limits.prices, "PRICES"),
    ],
  });
}
