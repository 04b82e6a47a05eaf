import { isAlnum, isNameChar } from "./alphabet.ts";
import type { AllowList } from "./allow_list.ts";
import type { Anchor } from "./anchors.ts";
import { readAssignment } from "./assignment.ts";
import { type Budget, MAX_HITS, spend } from "./budget.ts";
import type { KeyMeaning } from "./key_names.ts";
import { MANIFEST_WINDOW, manifestSecrets } from "./manifest.ts";
import type { Match } from "./match.ts";
import { isMark, judgeAssignment } from "./named_value.ts";
import { matchRule, ruleStart } from "./rule_match.ts";
import type { PrefixRule } from "./rules/types.ts";
import { urlCredential } from "./urls.ts";
import { crossesSeam, origin, type View } from "./view.ts";

/** What trying a rule, reading a name and judging its value cost in steps. */
const RULE_STEPS = 20;
const NAME_STEPS = 80;
const JUDGE_STEPS = 200;

/** What of the configuration a pass needs. */
export interface PassOptions {
  readonly disabled: ReadonlySet<string>;
  readonly allow: AllowList;
  readonly minBits: number | undefined;
}

/** One pass over a view: what to try at each anchor, and how far trying has got. */
export interface Pass {
  anchor(anchor: Anchor, end: number): void;
}

/** Starts a pass; matches go to `out`, in places of the call's own text. */
export function createPass(
  view: View,
  budget: Budget,
  out: Match[],
  options: PassOptions,
  readKey: (name: string) => KeyMeaning,
): Pass {
  const { text } = view;
  let ruledUntil = 0;
  let deadUntil: Map<PrefixRule, number> | undefined;
  let namedUntil = 0;
  let manifestUntil = 0;

  function emit(
    rule: { kind: string; provider: string },
    start: number,
    end: number,
    certain: boolean,
  ): boolean {
    if (options.disabled.has(rule.kind)) return false;
    if (view.chain !== undefined && !(certain && crossesSeam(view.chain, start, end))) return false;
    const value = text.slice(start, end);
    if (options.allow.value(value)) return true;
    const [from, to] = origin(view, start, end);
    out.push({
      kind: rule.kind,
      provider: rule.provider,
      value,
      start: from,
      end: to,
      labels: view.labels,
      certain,
    });
    if (out.length >= MAX_HITS) budget.exhausted = true;
    return true;
  }

  function rest(rule: PrefixRule, until: number): void {
    deadUntil ??= new Map();
    deadUntil.set(rule, until);
  }

  function tryRule(rule: PrefixRule, at: number): void {
    const start = ruleStart(rule, text, at);
    if (start < ruledUntil || (rule.lead !== undefined && start === at)) return;
    if (rule.edge && start > 0 && isAlnum(text.charCodeAt(start - 1))) return;
    if (deadUntil !== undefined && start < (deadUntil.get(rule) ?? 0)) return;
    spend(budget, RULE_STEPS + (rule.lead?.max ?? 0));
    const span = matchRule(rule, text, start);
    if (span === undefined) {
      if (rule.gap !== undefined) rest(rule, start + rule.gap);
      return;
    }
    spend(budget, Math.max(1, span.to - start));
    if (span.from < 0) rest(rule, span.to);
    else if (emit(rule, span.from, span.to, true)) ruledUntil = span.to;
  }

  function tryName(start: number, end: number): void {
    if (start < namedUntil) return;
    spend(budget, NAME_STEPS);
    const found = readAssignment(text, start, end);
    if (found === undefined) {
      namedUntil = Math.max(namedUntil, end);
      while (
        namedUntil < text.length && isNameChar(text.charCodeAt(namedUntil)) && namedUntil < end + 64
      ) namedUntil++;
      return;
    }
    namedUntil = found.nameEnd;
    if (isMark(text, found.nameStart)) return;
    spend(budget, found.valueEnd - found.nameStart);
    const charge = () => spend(budget, JUDGE_STEPS);
    const verdict = judgeAssignment(text, found, charge, readKey, options.minBits);
    if (verdict === undefined) return;
    const from = found.valueStart + verdict.offset;
    if (emit(verdict, from, from + verdict.value.length, false)) {
      namedUntil = Math.max(namedUntil, from + verdict.value.length);
    }
  }

  return {
    anchor(anchor, end) {
      if (budget.exhausted) return;
      const at = end - anchor.text.length;
      if (anchor.role === "rule") {
        for (const rule of anchor.rules) tryRule(rule, at);
      } else if (anchor.role === "key") tryName(at, end);
      else if (anchor.role === "url") {
        const url = urlCredential(text, at);
        spend(budget, 24);
        if (url !== undefined) emit(url, url.start, url.end, true);
      } else if (at >= manifestUntil) {
        manifestUntil = at + MANIFEST_WINDOW;
        spend(budget, 2 * MANIFEST_WINDOW);
        for (const each of manifestSecrets(text, at)) emit(each, each.start, each.end, true);
      }
    },
  };
}
