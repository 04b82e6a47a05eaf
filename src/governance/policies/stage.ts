import { deny, type PolicyLabel, type RuleResult } from "../decision.ts";
import type { Stage, StageInput, StageResult } from "../stages/stage.ts";
import type { LoadedPolicies, PolicySet } from "./load.ts";
import { cacheKey, inputFields, toCedarCall } from "./request.ts";

/** What Cedar answered, in our words. */
interface Verdict {
  readonly outcome: "permit" | "forbid" | "none" | "error";
  /** The policies that decided, or failed. */
  readonly policies: readonly string[];
}

const MAX_CACHED = 10_000;
const NOTHING: StageResult = { rules: [rule("no_policies", "pass", {}, 0)] };

/**
 * The policies stage. Cedar denies by default: where policies exist, one must permit. A policy that
 * fails denies, and so does a set that could not be loaded. Without policies the stage costs nothing.
 */
export function createPolicyStage(loaded: LoadedPolicies): Stage {
  const { set, problems } = loaded;
  if (problems.length > 0) return { name: "policies", evaluate: () => unloaded(problems.length) };
  if (set === undefined) return { name: "policies", evaluate: () => NOTHING };
  const cache = new Map<string, Verdict>();
  return { name: "policies", evaluate: (input) => evaluate(input, set, cache) };
}

function evaluate(
  input: StageInput,
  set: PolicySet,
  cache: Map<string, Verdict>,
): StageResult {
  const start = performance.now();
  const verdict = ask(input, set, cache);
  return toResult(verdict, (performance.now() - start) * 1000);
}

function ask(
  { call, tier }: StageInput,
  set: PolicySet,
  cache: Map<string, Verdict>,
): Verdict {
  const key = cacheKey(call, tier, set.features);
  const known = key === undefined ? undefined : cache.get(key);
  if (known !== undefined) return known;
  if (!set.isCurrent()) throw new TypeError("The policy set has been replaced");
  const fields = set.features.input ? inputFields(call.input) : undefined;
  // A policy that was not shown a field cannot forbid it, unless it asks whether it saw all.
  if (fields?.complete === false && !set.features.inputComplete) {
    return { outcome: "error", policies: ["input_incomplete"] };
  }
  const answer = set.engine.statefulIsAuthorized(
    toCedarCall(call, tier, set.slot, set.features, fields),
  );
  if (answer.type === "failure") return { outcome: "error", policies: ["request"] };
  const verdict = toVerdict(answer.response);
  if (key !== undefined) {
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(key, verdict);
  }
  return verdict;
}

/** Cedar skips a policy that fails; a forbid that was skipped must not become a permit. */
function toVerdict(response: {
  readonly decision: "allow" | "deny";
  readonly diagnostics: {
    readonly reason: readonly string[];
    readonly errors: readonly { readonly policyId: string }[];
  };
}): Verdict {
  const { reason, errors } = response.diagnostics;
  const policies = [...reason].sort();
  if (response.decision === "deny" && policies.length > 0) return { outcome: "forbid", policies };
  if (errors.length > 0) {
    return { outcome: "error", policies: errors.map(({ policyId }) => policyId).sort() };
  }
  return response.decision === "allow"
    ? { outcome: "permit", policies }
    : { outcome: "none", policies: [] };
}

function toResult({ outcome, policies }: Verdict, us: number): StageResult {
  const [first = ""] = policies;
  switch (outcome) {
    case "permit":
      return { rules: [rule(first, "pass", { permitted_by: policies }, us)] };
    case "forbid":
      return denied(`policy:${first}`, first, `Forbidden by policy "${first}"`, policies, us);
    case "none":
      return denied("policy:default_deny", "default_deny", "No policy permits this", [], us);
    case "error":
      return denied(
        "policy:error",
        first,
        `Policy "${first}" could not be evaluated`,
        policies,
        us,
      );
  }
}

function denied(
  policy: PolicyLabel,
  id: string,
  reason: string,
  policies: readonly string[],
  us: number,
): StageResult {
  return { rules: [rule(id, "deny", { policies }, us)], denial: deny(policy, id, reason) };
}

function rule(
  id: string,
  verdict: RuleResult["verdict"],
  detail: Readonly<Record<string, unknown>>,
  us: number,
): RuleResult {
  return { stage: "policies", rule: id, verdict, detail, us };
}

function unloaded(count: number): StageResult {
  const reason = `The policies have ${count} problem${count === 1 ? "" : "s"} and cannot decide`;
  return denied("policy:error", "not_loaded", reason, [], 0);
}
