import { staticOutput } from "./shell_output.ts";
import type { Analysis, RawCommand } from "./shell_script.ts";
import type { ShellToken, Substitution } from "./shell_words.ts";

const OPENERS = new Set(["{", "for", "while", "until", "if", "case", "select"]);
const CLOSERS = new Set(["}", "done", "fi", "esac"]);
const PREFIXES = new Set(["then", "else", "elif", "do", "!", "if", "while", "until", "{"]);

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

/** Puts tokens together to commands, with what flows between them. Lives for one list of tokens. */
export class Parser {
  readonly #frames: Frame[];
  readonly #functions = new Set<string>();
  #names: readonly string[] = [];
  #words: string[] = [];
  #from: string[] = [];
  #reads: string[] = [];
  #writes: string[] = [];
  #stdin: string | undefined;
  /** What files that `<(...)` stands for hold. */
  #files: string | undefined;
  #pendingRedirect: string | undefined;
  #touched = false;

  constructor(
    readonly tokens: readonly ShellToken[],
    readonly analysis: Analysis,
    readonly depth: number,
    upstream: readonly string[],
  ) {
    this.#frames = [newFrame(upstream)];
  }

  run(): Substitution {
    this.tokens.forEach((token, i) => {
      if (token.kind === "operator") this.#operator(token.text, this.tokens[i + 1]?.text);
      else if (token.kind === "redirect") this.#redirect(token.text);
      else if (token.kind === "heredoc") this.#input(token.text);
      else {
        if (token.file !== undefined) this.#files = (this.#files ?? "") + token.file;
        this.#word(token.text, token.from);
      }
    });
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

  #operator(text: string, next: string | undefined): void {
    const name = this.#words[0];
    if (text === "(" && this.#words.length === 1 && name !== undefined) this.#functions.add(name);
    // No shell of this kind has it, but PowerShell does: the value of what stands in it is an argument.
    if (text === "(" && next !== ")" && !/(^|=)$/.test(this.#words.at(-1) ?? "")) {
      this.#words.push("(");
    }
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
      stdin: this.#stdin ?? this.#files ?? (frame.piped ? frame.output : undefined),
      piped: frame.piped || this.#stdin !== undefined || this.#reads.length > 0,
    };
    const { names, output } = this.analysis.add(raw, this.depth);
    this.#checkBomb(names[0] ?? "", frame);
    frame.output = staticOutput(raw.words, raw.stdin) ?? output;
    frame.last = names;
    this.#remember(names, frame);
    this.#words = [];
    if (this.#from.length > 0) this.#from = [];
    if (this.#reads.length > 0) this.#reads = [];
    if (this.#writes.length > 0) this.#writes = [];
    this.#stdin = undefined;
    this.#files = undefined;
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
