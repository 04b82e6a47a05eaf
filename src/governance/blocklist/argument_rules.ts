import { compileGlob, compileGlobs, type Matcher } from "../glob.ts";
import type { ArgumentConfig } from "./config.ts";
import { compileExpression, requiredLiterals } from "./expressions.ts";
import { compileFiles, longestPart } from "./files.ts";
import { compileLiterals } from "./literal_index.ts";
import { compilePhrase, hasPhrase, type Phrase, sqlWords, windowsOf, wordsOf } from "./words.ts";

interface ArgumentRule<T> {
  readonly owner: T;
  readonly path: Matcher;
  readonly test: Matcher;
}

/** All argument conditions, indexed by the last key of their paths and by what they must contain. */
export interface ArgumentRules<T> {
  /** The first rule that one string breaks; `path` is asked for only where a rule needs it. */
  find(
    text: string,
    key: string,
    path: () => string,
    wants: (owner: T) => boolean,
  ): T | undefined;
}

/** A condition without a literal is tried on every string; with one, where it stands. */
interface Content<T> {
  readonly rule: ArgumentRule<T>;
  readonly literals: readonly string[];
}

export function compileArgumentRules<T>(
  entries: readonly { readonly owner: T; readonly condition: ArgumentConfig }[],
): ArgumentRules<T> {
  const byKey = new Map<string, ArgumentRule<T>[]>();
  const contents: Content<T>[] = [];
  for (const { owner, condition } of entries) {
    const test = compileTest(condition);
    const keys = condition.paths.map(lastKey);
    if (keys.length > 0 && keys.every((key) => key !== undefined)) {
      condition.paths.forEach((glob, i) => {
        const key = (keys[i] ?? "").toLowerCase();
        const rule = { owner, path: compileGlob(glob, true), test };
        byKey.set(key, [...(byKey.get(key) ?? []), rule]);
      });
    } else {
      const path = condition.paths.length === 0 ? () => true : compileGlobs(condition.paths, true);
      contents.push({ rule: { owner, path, test }, literals: literalsOf(condition) });
    }
  }
  return { find: finder(byKey, contents) };
}

function finder<T>(
  byKey: ReadonlyMap<string, readonly ArgumentRule<T>[]>,
  contents: readonly Content<T>[],
): ArgumentRules<T>["find"] {
  const literals = contents.flatMap(({ rule, literals }) =>
    literals.map((literal) => [literal, rule] as const)
  );
  const always = contents.filter((content) => content.literals.length === 0).map((c) => c.rule);
  const index = compileLiterals(literals.map(([literal]) => literal));
  const owners = new Set(contents.map(({ rule }) => rule.owner));
  return (text, key, path, wants) => {
    for (const rule of byKey.get(key.toLowerCase()) ?? []) {
      if (wants(rule.owner) && rule.test(text) && rule.path(keyPath(path()))) return rule.owner;
    }
    if (owners.size === 0 || !some(owners, wants)) return undefined;
    const found = index.find(text);
    if (found.size === 0 && always.length === 0) return undefined;
    for (const rule of new Set([...always, ...[...found].map((i) => literals[i]?.[1])])) {
      if (!rule || !wants(rule.owner) || !rule.test(text)) continue;
      if (rule.path(path()) || rule.path(keyPath(path()))) return rule.owner;
    }
    return undefined;
  };
}

/** `$.statements[1]` is one of `$.statements`. */
function keyPath(path: string): string {
  return path.replace(/(?:\[\d+\])+$/, "");
}

function some<T>(values: ReadonlySet<T>, test: (value: T) => boolean): boolean {
  for (const value of values) if (test(value)) return true;
  return false;
}

/** The key that a glob like `*.sql` asks for; undefined when it may end in any. */
function lastKey(glob: string): string | undefined {
  return /^[^[\]]*\.([\w-]+)$/.exec(glob)?.[1];
}

function compileTest(condition: ArgumentConfig): Matcher {
  const tests: Matcher[] = [];
  if (condition.glob) tests.push(compileGlobs(condition.glob, true));
  if (condition.file) tests.push(compileFiles(condition.file, condition.unless_file));
  if (condition.regex !== undefined) {
    const expression = compileExpression(condition.regex);
    tests.push((text) => expression.test(text));
  }
  if (condition.words) tests.push(phraseTest(condition.words.map(compilePhrase), wordsOf));
  if (condition.sql) tests.push(phraseTest(condition.sql.map(compilePhrase), sqlWords));
  return (text) => tests.every((test) => test(text));
}

function phraseTest(phrases: readonly Phrase[], split: (text: string) => string[]): Matcher {
  const needles = phrases.flatMap(rarestWords);
  const starts = compileLiterals(needles);
  return (text) => {
    if (!starts.has(text)) return false;
    return windowsOf(text, needles).some((part) => hasPhrase(split(part), phrases));
  };
}

/** Literals of which one must stand in the text; empty when none can be told. */
function literalsOf(condition: ArgumentConfig): readonly string[] {
  const phrases = (condition.words ?? condition.sql)?.map(compilePhrase);
  const literals = phrases?.flatMap(rarestWords) ??
    condition.glob?.map(longestPart) ??
    (condition.regex === undefined ? [] : requiredLiterals(condition.regex));
  return literals.every((literal) => literal.length >= 2) ? literals : [];
}

/** The word of a phrase, with its alternatives, that is the longest and so the rarest. */
function rarestWords(phrase: Phrase): string[] {
  const sets = phrase.flatMap((set) => set === undefined ? [] : [[...set]]);
  const shortest = (words: readonly string[]) => Math.min(...words.map((word) => word.length));
  return sets.reduce((a, b) => shortest(b) > shortest(a) ? b : a, sets[0] ?? [""]);
}
