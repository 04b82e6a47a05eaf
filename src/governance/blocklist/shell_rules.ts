import { compileGlob, compileGlobs, type Matcher } from "../glob.ts";
import type { ShellConfig } from "./config.ts";
import { compileExpression } from "./expressions.ts";
import { compileFiles } from "./files.ts";
import { compilePaths, operandsOf } from "./shell_paths.ts";
import { parseArgv, parseShell, type ShellCommand } from "./shell_script.ts";
import { compileTrigger } from "./shell_trigger.ts";
import { compilePhrase, hasPhrase, sqlWords } from "./words.ts";

type Test = (command: ShellCommand) => boolean;

/** A shell condition ready to run, with what it belongs to. */
export interface ShellRule<T> {
  readonly owner: T;
  readonly test: Test;
}

/** All shell conditions, indexed by the literal names of their commands. */
export interface ShellRules<T> {
  /** Every rule that a script breaks, in the order of its commands. */
  match(script: string): Iterable<T>;
  /** The same over an argument vector. */
  matchArgv(words: readonly string[]): Iterable<T>;
}

/** Longer scripts than this cannot be an argument of a shell on Linux; what they do is not guessed. */
const MAX_SCRIPT = 128 * 1024;

export function compileShellRules<T>(
  entries: readonly { readonly owner: T; readonly condition: ShellConfig }[],
): ShellRules<T> {
  const byName = new Map<string, ShellRule<T>[]>();
  const byGlob: (readonly [Matcher, ShellRule<T>])[] = [];
  for (const { owner, condition } of entries) {
    const compiled = { owner, test: compileCondition(condition) };
    for (const name of listOf(condition.command)) {
      if (/[*?]/.test(name)) byGlob.push([compileGlob(name), compiled]);
      else byName.set(name, [...(byName.get(name) ?? []), compiled]);
    }
  }
  const mayMatch = compileTrigger(entries.map((entry) => entry.condition));
  const tooLong: ShellCommand = { ...NO_COMMAND, name: "@too_long" };
  const run = (commands: readonly ShellCommand[]) => matches(commands, byName, byGlob);
  return {
    match: (script) => {
      if (!mayMatch(script)) return [];
      return run(script.length > MAX_SCRIPT ? [tooLong] : parseShell(script));
    },
    matchArgv: (words) => run(parseArgv(words)),
  };
}

const NO_COMMAND: ShellCommand = {
  name: "",
  words: [],
  from: [],
  reads: [],
  writes: [],
  stdin: undefined,
  piped: false,
};

function* matches<T>(
  commands: readonly ShellCommand[],
  byName: ReadonlyMap<string, readonly ShellRule<T>[]>,
  byGlob: readonly (readonly [Matcher, ShellRule<T>])[],
): Iterable<T> {
  for (const command of commands) {
    for (const rule of byName.get(command.name) ?? []) if (rule.test(command)) yield rule.owner;
    for (const [name, rule] of byGlob) {
      if (name(command.name) && rule.test(command)) yield rule.owner;
    }
    if (/[*?[]/.test(command.name)) yield* expanded(command, byName);
  }
}

/** `/bin/r?`: a name that the shell would expand is every name it could become. */
function* expanded<T>(
  command: ShellCommand,
  byName: ReadonlyMap<string, readonly ShellRule<T>[]>,
): Iterable<T> {
  if (command.name.replace(/[*?[\]]/g, "") === "" && command.words.length === 0) return;
  const glob = compileGlob(command.name.replace(/\[[^\]]*\]/g, "?"));
  for (const [name, rules] of byName) {
    if (!glob(name)) continue;
    for (const rule of rules) if (rule.test({ ...command, name })) yield rule.owner;
  }
}

function compileCondition(condition: ShellConfig): Test {
  const tests: Test[] = [
    ...condition.flags.map(compileFlag),
    ...optional(condition.args, compileArgs),
    ...optional(condition.any, anyWord),
    ...optional(condition.unless, (globs) => not(anyWord(globs))),
    ...optional(condition.last, compileLast),
    ...optional(condition.from, (globs) => anyOf(compileGlobs(globs), (c) => c.from)),
    ...optional(condition.reads, (globs) => anyOf(compileFiles(globs, []), (c) => c.reads)),
    ...optional(condition.writes, (globs) => anyOf(compileFiles(globs, []), (c) => c.writes)),
    ...optional(condition.paths, () => compilePaths(condition)),
    ...optional(condition.sql, compileSql),
  ];
  if (condition.piped !== undefined) tests.push((command) => command.piped === condition.piped);
  if (condition.line !== undefined) tests.push(compileLine(condition.line));
  if (condition.code !== undefined) tests.push(compileCode(condition.code));
  return (command) => tests.every((test) => test(command));
}

function optional<V>(values: readonly V[], compile: (values: readonly V[]) => Test): Test[] {
  return values.length === 0 ? [] : [compile(values)];
}

function not(test: Test): Test {
  return (command) => !test(command);
}

function anyOf(matches: Matcher, list: (command: ShellCommand) => readonly string[]): Test {
  return (command) => list(command).some(matches);
}

function anyWord(globs: readonly string[]): Test {
  return anyOf(compileGlobs(globs, true), (command) => command.words);
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}

/** `-r|-R|--recursive`: letters are found in clusters, long options by any unambiguous beginning. */
function compileFlag(source: string): Test {
  const flags = source.split("|");
  const letters = flags.filter((flag) => /^-[^-]$/.test(flag)).map((flag) => flag.charAt(1));
  const longs = flags.filter((flag) => flag.startsWith("--"));
  const words = new Set(flags.filter((flag) => /^-[^-]./.test(flag)));
  return (command) =>
    optionsOf(command.words).some((word) => {
      const name = word.includes("=") ? word.slice(0, word.indexOf("=")) : word;
      if (words.has(name.toLowerCase())) return true;
      if (!name.startsWith("--")) return letters.some((letter) => clusterHas(name, letter));
      return name.length > 3 && longs.some((long) => long.startsWith(name));
    });
}

function clusterHas(word: string, letter: string): boolean {
  return /^-[A-Za-z0-9]{1,8}$/.test(word) && word.includes(letter, 1);
}

function optionsOf(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return (end < 0 ? words : words.slice(0, end)).filter((word) => word.startsWith("-"));
}

function compileArgs(args: readonly (string | readonly string[])[]): Test {
  const matchers = args.map((arg) => compileGlobs(listOf(arg), true));
  return (command) => {
    let next = 0;
    for (const operand of operandsOf(command.words)) if (matchers[next]?.(operand)) next++;
    return next >= matchers.length;
  };
}

function compileLast(globs: readonly string[]): Test {
  const matches = compileGlobs(globs, true);
  return (command) => matches(operandsOf(command.words).at(-1) ?? "");
}

function compileSql(sources: readonly string[]): Test {
  const phrases = sources.map(compilePhrase);
  return ({ words, stdin }) =>
    words.some((word) => word.includes(" ") && hasPhrase(sqlWords(word), phrases)) ||
    hasPhrase(sqlWords(words.join(" ")), phrases) ||
    (stdin !== undefined && hasPhrase(sqlWords(stdin), phrases));
}

function compileLine(source: string): Test {
  const expression = compileExpression(source);
  return (command) => expression.test([command.name, ...command.words].join(" "));
}

function compileCode(source: string): Test {
  const expression = compileExpression(source);
  return ({ words, stdin }) =>
    words.some((word) => expression.test(word)) || (stdin !== undefined && expression.test(stdin));
}
