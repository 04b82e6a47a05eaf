import { HAS, isAlnum, isNameChar } from "./alphabet.ts";
import type { AllowList } from "./allow_list.ts";
import { readAssignment } from "./assignment.ts";
import { buildAutomaton } from "./automaton.ts";
import { type Budget, MAX_DECODES, spend } from "./budget.ts";
import { CHECKS } from "./checks.ts";
import { decodeRun } from "./decode.ts";
import { type Change, changeBefore, fold, FOLDABLE, MAX_CHANGES } from "./fold.ts";
import { createKeyReader, KEY_WORDS, type KeyMeaning } from "./key_names.ts";
import type { ContextRule, PrefixRule } from "./rules/types.ts";
import { eachChain } from "./seams.ts";
import { sweep } from "./sweep.ts";
import { urlCredential } from "./urls.ts";
import { isFiller, isMonotone } from "./value_shape.ts";
import { judgeValue, type Verdict } from "./judge.ts";
import {
  crossesSeam,
  decodedView,
  foldedViews,
  joinedView,
  origin,
  plainView,
  type View,
} from "./view.ts";
import { MANIFEST_WINDOW, manifestSecrets } from "./manifest.ts";

/** A credential in a text, with its place in that text. */
export interface Match {
  readonly kind: string;
  readonly provider: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
  readonly labels: readonly string[];
  /** False when only the name of a key made it one. */
  readonly certain: boolean;
}

/** What trying one rule, or reading one name, costs in steps. */
const RULE_STEPS = 20;
const NAME_STEPS = 80;

/** Finds credentials in texts and in the values of named keys. */
export interface Detector {
  text(text: string, budget: Budget): readonly Match[];
  key(name: string): KeyMeaning;
  /** Judges the whole value of a key in structured data. */
  value(meaning: KeyMeaning, value: string): Verdict | undefined;
}

/** What the detector is made of. */
export interface DetectorOptions {
  readonly prefixes: readonly PrefixRule[];
  readonly contexts: readonly ContextRule[];
  readonly disabled: ReadonlySet<string>;
  readonly allow: AllowList;
  readonly minBits: number | undefined;
}

interface Anchor {
  readonly text: string;
  readonly role: "rule" | "key" | "url" | "manifest";
  readonly rules: readonly PrefixRule[];
  /** First character where letter case counts, else -1. */
  readonly first: number;
}

function firstOf(text: string, rules: readonly PrefixRule[]): number {
  return rules.length > 0 && rules.every((rule) => !rule.expression.ignoreCase)
    ? text.charCodeAt(0)
    : -1;
}

function anchorsOf(options: DetectorOptions): readonly Anchor[] {
  const byText = new Map<string, PrefixRule[]>();
  for (const rule of options.prefixes) {
    for (const anchor of rule.anchors) byText.set(anchor, [...byText.get(anchor) ?? [], rule]);
  }
  const names = new Set([...KEY_WORDS, ...options.contexts.flatMap((rule) => rule.words)]);
  return [
    ...[...byText].map(([text, rules]) => ({
      text,
      role: "rule" as const,
      rules,
      first: firstOf(text, rules),
    })),
    ...[...names].map((text) => ({ text, role: "key" as const, rules: [], first: -1 })),
    { text: "new relic", role: "key", rules: [], first: -1 },
    { text: "new_relic", role: "key", rules: [], first: -1 },
    { text: "://", role: "url", rules: [], first: -1 },
    { text: "kind: secret", role: "manifest", rules: [], first: -1 },
    { text: 'kind":"secret', role: "manifest", rules: [], first: -1 },
    { text: 'kind": "secret', role: "manifest", rules: [], first: -1 },
  ];
}

/** Builds the automaton and the key reader once; the detector keeps no state between calls. */
export function createDetector(options: DetectorOptions): Detector {
  const anchors = anchorsOf(options);
  const automaton = buildAutomaton(anchors.map((anchor) => anchor.text));
  const readKey = createKeyReader(options.contexts);

  function scanView(view: View, budget: Budget, out: Match[]): void {
    if (!spend(budget, view.text.length)) return;
    let pass: Pass | undefined;
    const runs: number[] = [];
    const flags = sweep(view.text, automaton, {
      anchors: (numbers, end) => {
        for (let i = 0; i < numbers.length; i++) {
          const anchor = anchors[numbers[i] ?? 0];
          if (anchor === undefined || !mayStart(anchor, view.text, end)) continue;
          pass ??= createPass(view, budget, out, options, readKey);
          pass.anchor(anchor, end);
        }
      },
      run: (start, end) => runs.push(start, end),
    });
    if (!budget.exhausted) derive(view, flags, runs, budget, out);
  }

  function derive(
    view: View,
    flags: number,
    runs: readonly number[],
    budget: Budget,
    out: Match[],
  ): void {
    if ((flags & FOLDABLE) !== 0 && view.folds < MAX_DECODES) {
      spend(budget, view.text.length);
      const folded = fold(view.text);
      if (folded !== undefined) {
        if (!spend(budget, folded.changes.length * 16) || folded.changes.length > MAX_CHANGES) {
          budget.exhausted = true;
          return;
        }
        for (const each of foldedViews(view, folded)) scanView(each, budget, out);
      }
    }
    if ((flags & (HAS.quote | HAS.newline | HAS.backslash)) !== 0 && view.chain === undefined) {
      const seams = eachChain(
        view.text,
        (chain) => scanView(joinedView(view, chain), budget, out),
      );
      spend(budget, (view.text.length >> 2) + seams * 24);
    }
    if (view.decodes < MAX_DECODES) decodeRuns(view, runs, budget, out);
  }

  function decodeRuns(view: View, runs: readonly number[], budget: Budget, out: Match[]): void {
    for (let i = 0; i < runs.length && !budget.exhausted; i += 2) {
      const [start, end] = [runs[i] ?? 0, runs[i + 1] ?? 0];
      if (view.changes !== undefined && !touchesChange(view.changes, start, end)) continue;
      spend(budget, 8 + ((end - start) >> 3));
      const decoded = decodeRun(view.text, start, end, view.decodes === 0);
      if (decoded !== undefined) scanView(decodedView(view, decoded), budget, out);
    }
  }

  return {
    text(text, budget) {
      budget.text += text.length;
      const found: Match[] = [];
      scanView(plainView(text), budget, found);
      return found.length < 2 ? found : settle(found);
    },
    key: readKey,
    value: (meaning, value) => {
      const verdict = judgeValue({ meaning, value, quoted: true, by: "sign" }, options.minBits);
      if (verdict === undefined || options.disabled.has(verdict.kind)) return undefined;
      return options.allow.value(verdict.value) ? undefined : verdict;
    },
  };
}

function touchesChange(changes: readonly Change[], start: number, end: number): boolean {
  const change = changes[changeBefore(changes, end)];
  return change !== undefined && change.at + change.length >= start;
}

/** A cheap look at letter case before anything else. */
function mayStart(anchor: Anchor, text: string, end: number): boolean {
  return anchor.first < 0 || text.charCodeAt(end - anchor.text.length) === anchor.first;
}

interface Pass {
  anchor(anchor: Anchor, end: number): void;
}

function createPass(
  view: View,
  budget: Budget,
  out: Match[],
  options: DetectorOptions,
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
    return true;
  }

  function rest(rule: PrefixRule, until: number): void {
    deadUntil ??= new Map();
    deadUntil.set(rule, until);
  }

  function tryRule(rule: PrefixRule, at: number): void {
    const start = rule.lead === undefined ? at : leadStart(text, at, rule.lead);
    if (start < ruledUntil || (rule.lead !== undefined && start === at)) return;
    if (rule.edge && start > 0 && isAlnum(text.charCodeAt(start - 1))) return;
    if (deadUntil !== undefined && start < (deadUntil.get(rule) ?? 0)) return;
    spend(budget, RULE_STEPS);
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
      while (namedUntil < end) namedUntil = end;
      while (
        namedUntil < text.length && isNameChar(text.charCodeAt(namedUntil)) && namedUntil < end + 64
      ) namedUntil++;
      return;
    }
    namedUntil = found.nameEnd;
    if (isMark(text, found.nameStart)) return;
    spend(budget, found.valueEnd - found.nameStart);
    const value = text.slice(found.valueStart, found.valueEnd);
    const verdict = judgeAssignment(text, found, value, readKey, options.minBits);
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

const MARK = /\[redacted:[a-z0-9_]{2,64}:\d{1,8}:[0-9a-f]{16}\]/y;

/** True for the kind in a mark that `redact` has left. */
function isMark(text: string, nameStart: number): boolean {
  MARK.lastIndex = nameStart - "[redacted:".length;
  return MARK.lastIndex >= 0 && text.charCodeAt(MARK.lastIndex) === 91 && MARK.test(text);
}

function judgeAssignment(
  text: string,
  found: NonNullable<ReturnType<typeof readAssignment>>,
  value: string,
  readKey: (name: string) => KeyMeaning,
  minBits: number | undefined,
): Verdict | undefined {
  const name = text.slice(found.nameStart, found.nameEnd);
  let meaning = readKey(name);
  if (meaning.secrecy === "none" && meaning.contexts.length === 0) {
    // `datadog api key: …` has its words apart.
    const phrase = /[\w-]{2,30}[ \t]{1,2}(?:[\w-]{2,30}[ \t]{1,2})?$/.exec(
      text.slice(Math.max(0, found.nameStart - 64), found.nameStart),
    );
    if (phrase === null) return undefined;
    meaning = readKey(phrase[0].trim() + " " + name);
  }
  const whole = meaning.secrecy === "authorization" ? headerValue(text, found.valueStart) : value;
  return judgeValue({ meaning, value: whole, quoted: found.quoted, by: found.by }, minBits);
}

const HEADER_VALUE = /(?:[A-Za-z][\w-]{0,24}[ =:]{1,2}(?:key |token )?)?[^\s"'`\\]{1,4096}/y;

/** A header's value: its scheme and the credential are apart. */
function headerValue(text: string, start: number): string {
  HEADER_VALUE.lastIndex = start;
  return HEADER_VALUE.exec(text)?.[0] ?? "";
}

function leadStart(text: string, at: number, lead: NonNullable<PrefixRule["lead"]>): number {
  if (lead.exact) return at - lead.max;
  const stop = Math.max(0, at - lead.max);
  if (lead.from !== undefined) {
    const found = text.slice(stop, at).lastIndexOf(lead.from);
    return found < 0 ? -1 : stop + found;
  }
  const test = LEADS[lead.of];
  let start = at;
  while (start > stop && test(text.charCodeAt(start - 1))) start--;
  return start;
}

const LEADS: Readonly<Record<NonNullable<PrefixRule["lead"]>["of"], (code: number) => boolean>> = {
  digit: (code) => code >= 48 && code <= 57,
  alnum: isAlnum,
  word: (code) => isAlnum(code) || code === 95 || code === 45 || code === 46 || code === 126,
  base64: (code) => isAlnum(code) || code === 43 || code === 47,
  dash: (code) => code === 45 || code === 32,
  line: (code) => code !== 10,
};

/** Where a rule's credential stands; `from` is -1 when what stands there, up to `to`, is none. */
function matchRule(
  rule: PrefixRule,
  text: string,
  start: number,
): { from: number; to: number } | undefined {
  if (start < 0) return undefined;
  const { expression } = rule;
  expression.lastIndex = start;
  const match = expression.exec(text);
  if (match === null) return undefined;
  const group = match.indices?.[1];
  const [from, first] = group ?? [start, start + match[0].length];
  let to = first;
  const value = match[1] ?? match[0];
  if (rule.check !== undefined) {
    const end = CHECKS[rule.check](text, start, start + match[0].length, value);
    if (end < 0) return { from: -1, to: -end > start ? -end : rule.check === "mixed" ? to : start };
    if (group === undefined) to = end;
  }
  return rule.anyShape || hasBody(rule, value) ? { from, to } : { from: -1, to };
}

/** What follows the mark must not be a filler, a mask or a sequence. */
function hasBody(rule: PrefixRule, value: string): boolean {
  const anchor = rule.anchors.find((each) => value.startsWith(each)) ?? "";
  const body = value.slice(anchor.length);
  return body.length < 8 || !(isMonotone(body) || isFiller(body) || isRepeatedTail(body));
}

function isRepeatedTail(body: string): boolean {
  const tail = body.slice(-Math.max(8, body.length >> 1));
  return tail.length >= 10 && new Set(tail.toLowerCase()).size <= 2;
}

/** One match per place: what is certain goes before what a key's name says, longer before shorter. */
function settle(found: readonly Match[]): readonly Match[] {
  const ranked = found.map((match, order) => ({ match, order })).sort((a, b) =>
    Number(b.match.certain) - Number(a.match.certain) ||
    a.match.labels.length - b.match.labels.length ||
    a.match.start - b.match.start || a.order - b.order
  );
  const kept: Match[] = [];
  const taken = new Map<number, Match[]>();
  for (const { match } of ranked) {
    if (!overlapsKept(taken, match)) {
      kept.push(match);
      for (let block = match.start >> 8; block <= match.end >> 8; block++) {
        taken.set(block, [...taken.get(block) ?? [], match]);
      }
    }
  }
  return kept.sort((a, b) => a.start - b.start);
}

function overlapsKept(taken: ReadonlyMap<number, readonly Match[]>, match: Match): boolean {
  for (let block = match.start >> 8; block <= match.end >> 8; block++) {
    for (const other of taken.get(block) ?? []) {
      if (other.start < match.end && match.start < other.end) return true;
    }
  }
  return false;
}
