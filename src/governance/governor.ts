import type { AuditRow, Charge, Committed, Entry, WindowRoom } from "../audit/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { Tier } from "../kernel/tiers.ts";
import { type Call, type Caller, createCall, type Request } from "./call.ts";
import { ALLOW, type Decision, deny, type RuleResult } from "./decision.ts";
import type { CallCost, LimitCharge } from "./limits/mod.ts";
import { createNameCheck } from "./names.ts";
import { createKeepBudget } from "./keep_budget.ts";
import { createKeepContext } from "./kept_context.ts";
import { evaluate, type Evaluation } from "./pipeline.ts";
import type { Rules } from "./rules.ts";
import type { SecretScan } from "./secrets/mod.ts";
import {
  type DecisionFacts,
  decisionRow,
  eventRow,
  keepInput,
  type KeptInput,
  type OutcomeFacts,
  outcomeRow,
} from "./row.ts";
import { secretsResult } from "./stages/secrets.ts";

/** Makes rows durable; `AuditWriter` in the product. */
export interface Ledger {
  stamp(): number;
  commit(entry: Entry): Promise<Committed>;
  /** For rows that nobody waits for; `commit` where there is no other way. */
  commitSoon?(entry: Entry): Promise<Committed>;
}

/** A decision that is durable, or a denial because it could not be made so. */
export interface Decided {
  readonly id: string;
  readonly traceId: string;
  readonly decision: Decision;
  readonly tier: Tier;
  /** What is left of the session's calls, for `RateLimit-*` headers; undefined where nothing was charged. */
  readonly window: WindowRoom | undefined;
  readonly rules: readonly RuleResult[];
  /** False when nothing could be recorded. */
  readonly recorded: boolean;
}

/** What became of an allowed call. */
export interface Outcome {
  /** The decision it belongs to; undefined when none is known. */
  readonly callId: string | undefined;
  readonly decision: "ok" | "error" | "cancelled" | "timeout";
  /** Microseconds, as the executor measured them. */
  readonly latencyUs: number;
  /** What was found in `request.input` by the scanner in force, where it was searched already. */
  readonly scan?: SecretScan;
  /** Whether the caller has its answer already: then the row may wait for others. */
  readonly isAnswered?: boolean;
}

export interface Governor {
  /** Decides and records a call. Never rejects: what goes wrong is a denial. */
  decide(caller: Caller, request: Request): Promise<Decided>;
  /** Records what became of a call; `request.input` is its output, which is searched for secrets. */
  recordOutcome(caller: Caller, request: Request, outcome: Outcome): Promise<Decided>;
  /** Records something that happened and that nobody asks leave for. */
  observe(caller: Caller, request: Request): Promise<Decided>;
  /** What `decide` would find, without charging or recording anything. */
  dryRun(caller: Caller, request: Request): Evaluation & { readonly tier: Tier };
  /** Whether `decide` would deny this target to this caller whatever the input were. */
  excludes(caller: Caller, target: Omit<Request, "input" | "inputPath">): boolean;
}

export interface GovernorOptions {
  /** The rules in force; read once per call, so a reload never splits one decision. */
  readonly rules: () => Rules;
  readonly ledger: Ledger;
}

const NO_COST: CallCost = { microdollars: 0, tokens: 0 };

/** The one way to a tool or a model. */
export function createGovernor({ rules, ledger }: GovernorOptions): Governor {
  const checkNames = createNameCheck();

  const keepContext = createKeepContext();
  const mayKeep = createKeepBudget(() => performance.now());

  function open(current: Rules, caller: Caller, request: Request): Call {
    const safe = checkNames(current.scanner, caller, request);
    return createCall(safe.caller, safe.request, ledger.stamp());
  }

  function commitSoon(entry: Entry): Promise<Committed> {
    return ledger.commitSoon ? ledger.commitSoon(entry) : ledger.commit(entry);
  }

  /** The input as its row keeps it: only where the secrets stage did not clear it is a second pass needed. */
  function keep(current: Rules, call: Call, results: readonly RuleResult[]): KeptInput {
    const cleared = results.some((rule) => rule.stage === "secrets" && rule.verdict === "pass");
    const safe = cleared ? call.input : current.scanner.redact(call.input, call.inputPath).value;
    return keepInput(safe, (bytes) => mayKeep(call.sessionId, bytes));
  }

  function draftDecision(caller: Caller, request: Request): Draft {
    const start = performance.now();
    const current = rules();
    const call = open(current, caller, request);
    const { tier, source } = current.tierOf(call);
    const evaluation = evaluate(current.stages, call, tier);
    const cost = { ...NO_COST, microdollars: current.limits.price(call.target) };
    const charges = evaluation.denial ? [] : current.limits.charges(call, tier, cost);
    const facts: Omit<DecisionFacts, "decision" | "rules"> = {
      tier,
      tierSource: source,
      revision: current.revision,
      input: keep(current, call, evaluation.rules),
      context: keepContext(current.scanner, call.context),
      costMicrodollars: cost.microdollars,
      latencyUs: Math.round((performance.now() - start) * 1000),
    };
    return {
      call,
      tier,
      charges,
      decision: evaluation.denial ?? ALLOW,
      rules: [...evaluation.rules, ...commitRules(evaluation, charges)],
      row: (decision, rules) => decisionRow(call, { ...facts, decision, rules }),
    };
  }

  function draftOutcome(caller: Caller, request: Request, outcome: Outcome): Draft {
    const current = rules();
    const call = open(current, caller, request);
    const { tier } = current.tierOf(call);
    const start = performance.now();
    const scan = outcome.scan ?? current.scanner.scan(call.input, call.inputPath);
    const result = secretsResult(scan, Math.round((performance.now() - start) * 1000));
    const facts: Omit<OutcomeFacts, "policy" | "reason" | "rules"> = {
      callId: outcome.callId ?? call.id,
      decision: outcome.decision,
      tier,
      revision: current.revision,
      output: keep(current, call, result.rules),
      context: keepContext(current.scanner, call.context),
      costMicrodollars: 0,
      latencyUs: outcome.latencyUs,
    };
    return {
      call,
      tier,
      charges: [],
      decision: result.denial ?? ALLOW,
      rules: result.rules,
      row: ({ policy, reason }, rules) => outcomeRow(call, { ...facts, policy, reason, rules }),
    };
  }

  function draftEvent(caller: Caller, request: Request): Draft {
    const current = rules();
    const call = open(current, caller, request);
    const { tier } = current.tierOf(call);
    const context = keepContext(current.scanner, call.context);
    const facts = { tier, revision: current.revision, context };
    return {
      call,
      tier,
      charges: current.limits.trackCharges(call),
      decision: ALLOW,
      rules: [],
      row: ({ outcome, policy, reason }) => eventRow(call, { ...facts, outcome, policy, reason }),
    };
  }

  function dryRun(
    current: Rules,
    caller: Caller,
    request: Request,
  ): Evaluation & { readonly tier: Tier } {
    const call = open(current, caller, request);
    const { tier } = current.tierOf(call);
    return { ...evaluate(current.stages, call, tier), tier };
  }

  /** The commit: the row, what it charges and the refusal in its place, settled in one transaction. */
  async function settle(
    makeDraft: () => Draft,
    commit: Ledger["commit"] = (entry) => ledger.commit(entry),
  ): Promise<Decided> {
    const draft = makeDraft();
    const { call, tier, charges } = draft;
    const base = { id: call.id, traceId: call.traceId, tier };
    let refused: { decision: Decision; rules: readonly RuleResult[] } | undefined;
    try {
      const committed = await commit({
        row: draft.row(draft.decision, draft.rules),
        charges,
        refuse: (charge) => {
          refused = refusal(draft.rules, charges, charge);
          return draft.row(refused.decision, refused.rules);
        },
      });
      const { decision, rules } = committed.refusedBy && refused ? refused : draft;
      return { ...base, decision, rules, window: committed.windows[0], recorded: true };
    } catch (error) {
      return { ...base, ...unrecorded(error), rules: draft.rules, window: undefined };
    }
  }

  return {
    decide: (caller, request) => settle(() => draftDecision(caller, request)),
    recordOutcome: (caller, request, outcome) =>
      settle(
        () => draftOutcome(caller, request, outcome),
        outcome.isAnswered ? commitSoon : undefined,
      ),
    observe: (caller, request) => settle(() => draftEvent(caller, request)),
    dryRun: (caller, request) => dryRun(rules(), caller, request),
    excludes(caller, target) {
      const current = rules();
      const { denial } = dryRun(current, caller, { ...target, input: {}, inputPath: "$" });
      if (!denial) return false;
      return denial.policy === "scope_restriction" || denial.policy === "tool_blocklist" ||
        denial.policy.startsWith("policy:") && !current.policiesReadInput;
    },
  };
}

/** A row before it is known whether its windows have room. */
interface Draft {
  readonly call: Call;
  readonly tier: Tier;
  readonly charges: readonly LimitCharge[];
  readonly decision: Decision;
  readonly rules: readonly RuleResult[];
  row(decision: Decision, rules: readonly RuleResult[]): AuditRow;
}

/** The commit stage's own rules; its duration cannot stand in a row that it writes. */
function commitRules(evaluation: Evaluation, charges: readonly LimitCharge[]): RuleResult[] {
  if (evaluation.denial) return [{ stage: "commit", rule: "*", verdict: "skipped", us: 0 }];
  return charges.map((charge) => commitRule(charge, "pass"));
}

function commitRule(charge: LimitCharge, verdict: RuleResult["verdict"]): RuleResult {
  return {
    stage: "commit",
    rule: charge.policy === "budget" ? `budget.${charge.rule}` : charge.rule,
    verdict,
    // In canonical order, as all of a row: see `decisionRow`.
    detail: { cap: charge.cap, window: charge.key, window_ms: charge.lengthMs },
    us: 0,
  };
}

function refusal(
  rules: readonly RuleResult[],
  charges: readonly LimitCharge[],
  full: Charge,
): { decision: Decision; rules: readonly RuleResult[] } {
  const at = charges.findIndex((charge) => charge.key === full.key);
  const charge = charges[at];
  if (!charge) throw new TypeError(`No charge for window "${full.key}"`);
  const verdict = (index: number) => index < at ? "pass" : index === at ? "deny" : "skipped";
  return {
    decision: deny(charge.policy, charge.rule, charge.reason),
    rules: [
      ...rules.filter((rule) => rule.stage !== "commit"),
      ...charges.map((each, index) => commitRule(each, verdict(index))),
    ],
  };
}

function unrecorded(error: unknown): { decision: Decision; recorded: false } {
  const unfit = error instanceof AppError && error.code === "invalid";
  const decision = unfit
    ? deny("invalid_request", "unrecordable", "The call cannot be recorded as it is")
    : deny("audit_unavailable", "commit", "The decision could not be recorded; try again later");
  return { decision, recorded: false };
}
