import { KEY_WORDS } from "./key_names.ts";
import type { ContextRule, PrefixRule } from "./rules/types.ts";

/** A literal the automaton stops at, and what is to be tried there. */
export interface Anchor {
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

/** All anchors of a rule set: marks, key names, URLs and manifests. */
export function anchorsOf(
  options: { readonly prefixes: readonly PrefixRule[]; readonly contexts: readonly ContextRule[] },
): readonly Anchor[] {
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

/** A cheap look at letter case before anything else. */
export function mayStart(anchor: Anchor, text: string, end: number): boolean {
  return anchor.first < 0 || text.charCodeAt(end - anchor.text.length) === anchor.first;
}
