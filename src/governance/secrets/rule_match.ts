import { isAlnum } from "./alphabet.ts";
import { CHECKS } from "./checks.ts";
import type { PrefixRule } from "./rules/types.ts";
import { isFiller, isMonotone } from "./value_shape.ts";

/** Where a rule's credential would start when its anchor stands at `at`; negative when nowhere. */
export function ruleStart(rule: PrefixRule, text: string, at: number): number {
  return rule.lead === undefined ? at : leadStart(text, at, rule.lead);
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
export function matchRule(
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
