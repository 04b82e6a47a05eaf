import { functionsIn, Positionals } from "./shell_functions.ts";
import { Parser } from "./shell_parser.ts";
import { type LexerContext, lexShell, type Substitution } from "./shell_words.ts";
import { unwrap } from "./shell_wrappers.ts";

/** One simple command as it would run, without the wrappers in front of it. */
export interface ShellCommand {
  /** Lower-case base name; `@...` for what is not a command: `@fork_bomb`, `@too_deep`. */
  readonly name: string;
  /** The words after the name. */
  readonly words: readonly string[];
  /** Names of commands whose output flows in: by pipe, `$(...)` or `<(...)`. */
  readonly from: readonly string[];
  /** Targets of `<`. */
  readonly reads: readonly string[];
  /** Targets of `>` and its kin. */
  readonly writes: readonly string[];
  /** What is known to arrive on standard input: heredoc, here-string, `echo ... |`. */
  readonly stdin: string | undefined;
  /** Something arrives on standard input, known or not. */
  readonly piped: boolean;
}

const MAX_DEPTH = 8;
const MAX_COMMANDS = 20_000;
/** Text that nested scripts may add up to: so many times the script, and a little more. */
const MAX_GROWTH = 12;
const MAX_NAMES = 128;
/** Functions that may be under way at once. */
const MAX_CALLS = 32;
/** Text that the calls of a script's own functions may add up to. */
const CALL_BUDGET = 128 * 1024;
/** What a call costs beside the text of its function. */
const CALL_COST = 64;
const MIN_BUDGET = 32 * 1024;

/**
 * Every command that a shell script would run, those in substitutions, wrappers, nested shells and
 * known standard input included. What is nested deeper than it can be followed is `@too_deep`, what grows beyond all bounds `@too_long`.
 */
export function parseShell(source: string): ShellCommand[] {
  const analysis = new Analysis(source.length);
  analysis.run(source, 0);
  return analysis.commands;
}

/** Parses words that are an argument vector already, e.g. `["rm", "-rf", "/"]`. */
export function parseArgv(words: readonly string[]): ShellCommand[] {
  const analysis = new Analysis(words.reduce((sum, word) => sum + word.length, 0));
  analysis.add({ words, from: [], reads: [], writes: [], stdin: undefined, piped: false }, 0);
  return analysis.commands;
}

/** A command before its wrappers are removed. */
export interface RawCommand extends Omit<ShellCommand, "name"> {}

/** Lives for one script with everything nested in it. */
export class Analysis {
  readonly commands: ShellCommand[] = [];
  readonly #variables = new Map<string, string>();
  /** Bodies by name, of functions that use what they are called with. */
  readonly #functions = new Map<string, string>();
  readonly #calls = new Set<string>();
  #budget: number;

  constructor(length: number) {
    this.#budget = length * MAX_GROWTH + MIN_BUDGET;
  }

  /** `upstream`: names of what is piped into the script as a whole. */
  run(
    source: string,
    depth: number,
    positionals: Positionals = new Positionals(),
    upstream: readonly string[] = [],
  ): Substitution {
    if (!this.spend(source.length)) return { names: ["@too_long"], output: undefined };
    if (depth > MAX_DEPTH + this.#calls.size || this.commands.length > MAX_COMMANDS) {
      this.commands.push(marker("@too_deep"));
      return { names: ["@too_deep"], output: undefined };
    }
    this.#learn(source);
    const context: LexerContext = {
      variables: this.#variables,
      positionals,
      spend: (length) => this.spend(length),
      substitute: (inner) => this.run(inner, depth + 1, positionals.copy()),
    };
    return new Parser(lexShell(source, context), this, depth, upstream).run();
  }

  #learn(source: string): void {
    const functions = functionsIn(source);
    if (functions === undefined) this.spend(Infinity);
    for (const { name, body } of functions ?? []) {
      if (this.#functions.size === 0) this.#budget += CALL_BUDGET;
      this.#functions.set(name, body);
    }
  }

  /** Text that nesting and expansion add is bounded; what goes beyond is said, not skipped. */
  spend(length: number): boolean {
    const had = this.#budget >= 0;
    this.#budget -= length;
    if (had && this.#budget < 0) this.mark("@too_long");
    return this.#budget >= 0;
  }

  /** Adds a command and what its wrappers, scripts and functions run; gives the names that ran. */
  add(raw: RawCommand, depth: number): Substitution {
    const { commands, scripts } = unwrap(raw);
    let names: readonly string[] = [];
    let output: string | undefined;
    for (const command of commands) {
      this.commands.push(command);
      names = this.join(names, [command.name]);
      const called = this.#call(command, depth);
      if (called) names = this.join(names, called.names);
      output ??= called?.output;
    }
    for (const { text, words } of scripts) {
      names = this.join(names, this.run(text, depth + 1, new Positionals(words)).names);
    }
    return { names, output };
  }

  /** Reads a function of the script once more, with what it is called with. One that calls itself is read once. */
  #call({ name, words, from }: ShellCommand, depth: number): Substitution | undefined {
    const body = this.#functions.get(name);
    if (body === undefined || this.#calls.has(name)) return undefined;
    if (this.#calls.size >= MAX_CALLS) {
      this.mark("@too_deep");
      return { names: ["@too_deep"], output: undefined };
    }
    this.spend(CALL_COST);
    this.#calls.add(name);
    try {
      return this.run(body, depth + 1, new Positionals(["", ...words]), from);
    } finally {
      this.#calls.delete(name);
    }
  }

  /** One list of names, each once; more than any real pipeline has are said, not skipped. */
  join(list: readonly string[], more: readonly string[]): readonly string[] {
    const added = more.filter((name) => !list.includes(name));
    if (added.length === 0) return list;
    if (list.length < MAX_NAMES) return [...list, ...added].slice(0, MAX_NAMES);
    this.spend(Infinity);
    return list;
  }

  mark(name: string): void {
    this.commands.push(marker(name));
  }
}

function marker(name: string): ShellCommand {
  return { name, words: [], from: [], reads: [], writes: [], stdin: undefined, piped: false };
}
