import { compileRules } from "../../../governance/mod.ts";
import type { CliContext } from "../../context.ts";
import { EXIT } from "../../exit.ts";
import { cardView, tableView } from "../../output/view.ts";
import { getConfiguration } from "../config/load.ts";
import { dryRun, type StageLine } from "./dry_run.ts";
import { fingerprintKey } from "./fingerprint_key.ts";
import { parseJsonInput, readInput } from "./input.ts";
import { assumeCall, type AssumedCaller } from "./payload.ts";

export default async function test(
  this: CliContext,
  flags: AssumedCaller,
  file: string | undefined,
): Promise<void> {
  const payload = parseJsonInput(await readInput(this, file), file);
  const { governance, revision } = await getConfiguration(this);
  const rules = await compileRules(governance, revision, await fingerprintKey(this));
  const assumed = assumeCall(payload, flags);
  const { decision, tier, rules: lines } = dryRun(rules, assumed);
  const summary = {
    decision: decision.outcome,
    policy: decision.policy,
    rule: decision.rule,
    reason: decision.reason,
    event: assumed.request.event,
    target: assumed.request.target,
    user: flags.user,
    role: tier,
    agent: assumed.request.agent ?? null,
    department: flags.department ?? null,
    plugin: flags.plugin ?? null,
    revision,
  };
  this.out.report({
    kind: "governance.test",
    data: { ...summary, recorded: false, rules: lines },
    views: [tableView(COLUMNS, lines), cardView(summary)],
  });
  this.out.note("Dry run: nothing was recorded and nothing was charged.");
  if (decision.outcome === "deny") this.setExit(EXIT.denied);
}

const COLUMNS = [
  "stage",
  "rule",
  "verdict",
  {
    label: "µS",
    of: ({ us, verdict }: StageLine) => isMeasured(verdict) ? Math.round(us) : null,
    align: "right",
  },
  { label: "DETAIL", of: ({ detail }: StageLine) => detail },
] as const;

function isMeasured(verdict: StageLine["verdict"]): boolean {
  return verdict !== "skipped" && verdict !== "not_charged";
}
