import { staticOutput } from "./shell_output.ts";
import { type LexerContext, lexShell, type ShellToken, type Substitution } from "./shell_words.ts";
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
const MIN_BUDGET = 32 * 1024;
const OPENERS = new Set(["{", "for", "while", "until", "if", "case", "select"]);
const CLOSERS = new Set(["}", "done", "fi", "esac"]);
const PREFIXES = new Set(["then", "else", "elif", "do", "!", "if", "while", "until", "{"]);

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

interface Frame {
  /** What flows into the group as a whole. */
  readonly base: readonly string[];
  /** What flows into the current command. */
  upstream: readonly string[];
  /** Names that ran in this group, for whatever the group is piped into. */
  names: readonly string[];
  /** What the last element of the pipeline ran. */
  last: readonly string[];
  output: string | undefined;
  piped: boolean;
}

/** Lives for one script with everything nested in it. */
class Analysis {
  readonly commands: ShellCommand[] = [];
  readonly #variables = new Map<string, string>();
  #budget: number;

  constructor(length: number) {
    this.#budget = length * MAX_GROWTH + MIN_BUDGET;
  }

  run(source: string, depth: number): Substitution {
    if (!this.spend(source.length)) return { names: ["@too_long"], output: undefined };
    if (depth > MAX_DEPTH || this.commands.length > MAX_COMMANDS) {
      this.commands.push(marker("@too_deep"));
      return { names: ["@too_deep"], output: undefined };
    }
    const context: LexerContext = {
      variables: this.#variables,
      spend: (length) => this.spend(length),
      substitute: (inner) => this.run(inner, depth + 1),
    };
    return new Parser(lexShell(source, context), this, depth).run();
  }

  /** Text that nesting and expansion add is bounded; what goes beyond is said, not skipped. */
  spend(length: number): boolean {
    const had = this.#budget >= 0;
    this.#budget -= length;
    if (had && this.#budget < 0) this.mark("@too_long");
    return this.#budget >= 0;
  }

  /** Adds a command and what its wrappers and scripts run; gives the names that ran. */
  add(raw: RawCommand, depth: number): readonly string[] {
    const { commands, scripts } = unwrap(raw);
    let names: readonly string[] = [];
    for (const command of commands) {
      this.commands.push(command);
      names = this.join(names, [command.name]);
    }
    for (const script of scripts) names = this.join(names, this.run(script, depth + 1).names);
    return names;
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

/** Lives for one list of tokens. */
class Parser {
  readonly #frames: Frame[] = [newFrame([])];
  readonly #functions = new Set<string>();
  #names: readonly string[] = [];
  #words: string[] = [];
  #from: string[] = [];
  #reads: string[] = [];
  #writes: string[] = [];
  #stdin: string | undefined;
  #pendingRedirect: string | undefined;
  #touched = false;

  constructor(
    readonly tokens: readonly ShellToken[],
    readonly analysis: Analysis,
    readonly depth: number,
  ) {}

  run(): Substitution {
    for (const token of this.tokens) {
      if (token.kind === "operator") this.#operator(token.text);
      else if (token.kind === "redirect") this.#redirect(token.text);
      else if (token.kind === "heredoc") this.#input(token.text);
      else this.#word(token.text, token.from);
    }
    this.#end();
    return { names: this.#names, output: this.#frame().output };
  }

  #frame(): Frame {
    return this.#frames[this.#frames.length - 1] ?? newFrame([]);
  }

  #word(text: string, from: readonly string[]): void {
    if (from.length > 0) this.#from.push(...from);
    if (this.#pendingRedirect !== undefined) return this.#target(text);
    if (this.#words.length === 0) {
      if (OPENERS.has(text)) this.#open();
      else if (CLOSERS.has(text)) this.#close();
      if (PREFIXES.has(text) || text === "function") return;
    }
    this.#touched = true;
    this.#words.push(text);
  }

  #redirect(text: string): void {
    this.#touched = true;
    this.#pendingRedirect = text;
  }

  #target(text: string): void {
    const redirect = this.#pendingRedirect;
    this.#pendingRedirect = undefined;
    if (redirect === "<<<") this.#input(text);
    else if (redirect === "<" || redirect === "<&") this.#reads.push(text);
    else if (redirect === "<>") {
      this.#reads.push(text);
      this.#writes.push(text);
    } else this.#writes.push(text);
  }

  #input(text: string): void {
    this.#touched = true;
    this.#stdin = (this.#stdin ?? "") + text;
  }

  #operator(text: string): void {
    const name = this.#words[0];
    if (text === "(" && this.#words.length === 1 && name !== undefined) this.#functions.add(name);
    this.#end();
    if (text === "(") this.#open();
    else if (text === ")") this.#close();
    else if (text === "|") this.#pipe();
    else this.#separate(text);
  }

  #pipe(): void {
    const frame = this.#frame();
    frame.upstream = this.analysis.join(frame.upstream, frame.last);
    frame.piped = true;
  }

  #separate(text: string): void {
    const frame = this.#frame();
    const name = frame.last[0] ?? "";
    if (text === "&" && this.#frames.length > 1 && this.#functions.has(name)) {
      this.analysis.mark("@fork_bomb");
    }
    frame.upstream = frame.base;
    frame.piped = frame.base.length > 0;
    frame.last = [];
  }

  #open(): void {
    this.#frames.push(newFrame(this.#frame().upstream));
  }

  #close(): void {
    if (this.#frames.length === 1) return;
    const closed = this.#frames.pop();
    const frame = this.#frame();
    frame.last = closed?.names ?? [];
    frame.names = this.analysis.join(frame.names, frame.last);
    frame.output = closed?.output;
  }

  #end(): void {
    if (!this.#touched) return;
    const frame = this.#frame();
    const raw: RawCommand = {
      words: this.#words,
      from: this.analysis.join(frame.upstream, this.#from),
      reads: this.#reads,
      writes: this.#writes,
      stdin: this.#stdin ?? (frame.piped ? frame.output : undefined),
      piped: frame.piped || this.#stdin !== undefined || this.#reads.length > 0,
    };
    const names = this.analysis.add(raw, this.depth);
    this.#checkBomb(names[0] ?? "", frame);
    frame.output = staticOutput(raw.words, raw.stdin);
    frame.last = names;
    this.#remember(names, frame);
    this.#words = [];
    if (this.#from.length > 0) this.#from = [];
    if (this.#reads.length > 0) this.#reads = [];
    if (this.#writes.length > 0) this.#writes = [];
    this.#stdin = undefined;
    this.#touched = false;
  }

  /** The script itself is not piped into anything: what all of it ran need not be known. */
  #remember(names: readonly string[], frame: Frame): void {
    if (this.#frames.length > 1) frame.names = this.analysis.join(frame.names, names);
    if (this.depth > 0) this.#names = this.analysis.join(this.#names, names);
  }

  /** A function that pipes itself into itself. */
  #checkBomb(name: string, frame: Frame): void {
    if (this.#functions.has(name) && frame.upstream.includes(name)) {
      this.analysis.mark("@fork_bomb");
    }
  }
}

function newFrame(base: readonly string[]): Frame {
  return {
    base,
    upstream: base,
    names: [],
    last: [],
    output: undefined,
    piped: base.length > 0,
  };
}
