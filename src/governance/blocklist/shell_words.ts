import type { Positionals } from "./shell_functions.ts";
import {
  closingBrace,
  closingParenthesis,
  expandBraces,
  indexOrEnd,
  mark,
  separators,
  unescapeAnsi,
  unmark,
} from "./shell_text.ts";

/** A word after quoting and expansion, or an operator. */
export type ShellToken =
  | {
    readonly kind: "word";
    readonly text: string;
    readonly from: readonly string[];
    /** What is known of the file that `<(...)` stands for. */
    readonly file?: string;
  }
  | { readonly kind: "operator"; readonly text: string }
  | { readonly kind: "redirect"; readonly text: string }
  | { readonly kind: "heredoc"; readonly text: string };

/** What the lexer asks about a substitution: the names it runs, and its output where it is known. */
export interface Substitution {
  readonly names: readonly string[];
  readonly output: string | undefined;
}

export interface LexerContext {
  /** How deep in defaults of `${x:-...}` the text stands. */
  readonly nesting?: number;
  /** Values of variables that the script itself assigned. */
  readonly variables: Map<string, string>;
  /** Values of `$1`, `$@` and so on; `set --` and `shift` change them. */
  readonly positionals: Positionals;
  /** Asks leave for text that expansion adds; false when there has been too much of it. */
  spend(length: number): boolean;
  /** Runs the analysis of `$(...)`, backticks and `<(...)`. */
  substitute(source: string): Substitution;
}

interface Heredoc {
  readonly slot: number;
  readonly end: string;
  readonly tabs: boolean;
}

const NOTHING: readonly string[] = [];
const PLAIN = /[^\s'"\\$`;&|()<>{}#]+/y;
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=/;
/** What may stand before a command that is still its first word. */
const LEADING = new Set(["then", "else", "do", "{", "!"]);
/** An empty word is one more to look at too. */
const WORD_COST = 8;
const MAX_NESTING = 4;
const MAX_BRACED = 8192;

/**
 * Splits a shell script into words and operators: quotes and escapes removed, `$IFS`, known
 * variables, braces and substitutions of known output expanded. One pass; nothing is executed.
 */
export function lexShell(source: string, context: LexerContext): ShellToken[] {
  return new Lexer(source, context).run();
}

/** Lives for one script; the state that every production shares. */
class Lexer {
  readonly #tokens: ShellToken[] = [];
  #heredocs: Heredoc[] = [];
  #at = 0;
  #text = "";
  #inWord = false;
  #from: string[] = [];
  #file: string | undefined;
  #expand = false;
  /** Index of the first token of the current command. */
  #command = 0;

  constructor(readonly source: string, readonly context: LexerContext) {}

  run(): ShellToken[] {
    const { source } = this;
    while (this.#at < source.length) {
      PLAIN.lastIndex = this.#at;
      if (PLAIN.test(source)) {
        this.#append(source.slice(this.#at, PLAIN.lastIndex));
        this.#at = PLAIN.lastIndex;
      } else this.#special(source.charAt(this.#at));
    }
    this.#endWord();
    return this.#tokens;
  }

  #append(text: string): void {
    this.#text += text;
    this.#inWord = true;
  }

  #endWord(): void {
    if (!this.#inWord) return;
    const text = this.#text;
    if (this.#expand && this.#mayExpand(text)) {
      for (const word of expandBraces(text)) this.#push(unmark(word));
    } else this.#push(unmark(text));
    if (text.includes("=")) this.#assign(text);
    this.#text = "";
    this.#inWord = false;
    this.#expand = false;
    if (this.#from.length > 0) this.#from = [];
  }

  #mayExpand(text: string): boolean {
    return text.length <= MAX_BRACED || this.context.spend(Infinity);
  }

  #push(text: string): void {
    const from = this.#from.length > 0 ? this.#from : NOTHING;
    if (this.#file === undefined) this.#tokens.push({ kind: "word", text, from });
    else this.#tokens.push({ kind: "word", text, from, file: this.#file });
    this.#file = undefined;
  }

  #assign(text: string): void {
    const assignment = ASSIGNMENT.exec(text);
    if (!assignment?.[1]) return;
    this.context.variables.set(assignment[1], unmark(text.slice(assignment[0].length)));
  }

  #special(char: string): void {
    switch (char) {
      case "\n":
        return this.#newline();
      case "'":
        return this.#single();
      case '"':
        return this.#double();
      case "\\":
        return this.#escape();
      case "$":
        return this.#dollar(false);
      case "`":
        return this.#backtick(false);
      case "{":
      case "}":
        return this.#brace(char);
      case "#":
        return this.#comment();
      case "<":
      case ">":
        return this.#redirect(char);
      case ";":
      case "&":
      case "|":
      case "(":
      case ")":
        return this.#operator(char);
      default:
        this.#endWord();
        this.#at++;
    }
  }

  #newline(): void {
    this.#endWord();
    this.#at++;
    this.#endCommand(";");
    for (const heredoc of this.#heredocs) this.#readHeredoc(heredoc);
    this.#heredocs = [];
  }

  #readHeredoc({ slot, end, tabs }: Heredoc): void {
    const { source } = this;
    const start = this.#at;
    let line = start;
    while (line < source.length) {
      let stop = source.indexOf("\n", line);
      if (stop < 0) stop = source.length;
      const raw = source.slice(line, stop);
      if ((tabs ? raw.replace(/^\t+/, "") : raw) === end) {
        this.#tokens[slot] = { kind: "heredoc", text: source.slice(start, line) };
        this.#at = Math.min(stop + 1, source.length);
        return;
      }
      line = stop + 1;
    }
    this.#tokens[slot] = { kind: "heredoc", text: source.slice(start) };
    this.#at = source.length;
  }

  #single(): void {
    const end = indexOrEnd(this.source, "'", this.#at + 1);
    this.#append(mark(this.source.slice(this.#at + 1, end)));
    this.#at = end + 1;
  }

  #double(): void {
    const { source } = this;
    this.#append("");
    this.#at++;
    const plain = /[^"\\$`]+/y;
    while (this.#at < source.length && source[this.#at] !== '"') {
      const char = source.charAt(this.#at);
      if (char === "\\") {
        const next = source.charAt(this.#at + 1);
        if (next !== "\n") this.#append('$`"\\'.includes(next) ? mark(next) : mark(`\\${next}`));
        this.#at += 2;
      } else if (char === "$") this.#dollar(true);
      else if (char === "`") this.#backtick(true);
      else {
        plain.lastIndex = this.#at;
        plain.test(source);
        this.#append(mark(source.slice(this.#at, plain.lastIndex)));
        this.#at = plain.lastIndex;
      }
    }
    this.#at++;
  }

  #escape(): void {
    const next = this.source.charAt(this.#at + 1);
    if (next !== "\n") this.#append(mark(next));
    this.#at += 2;
  }

  #comment(): void {
    if (this.#inWord) {
      this.#append("#");
      this.#at++;
      return;
    }
    this.#at = indexOrEnd(this.source, "\n", this.#at);
  }

  #operator(char: string): void {
    this.#endWord();
    const two = this.source.slice(this.#at, this.#at + 2);
    if (two === "&>" || two === ">&") return this.#redirect("&");
    const text = ["&&", "||", "|&", ";;"].includes(two) ? two : char;
    this.#at += text.length;
    this.#endCommand(text === "|&" ? "|" : text);
  }

  #endCommand(operator: string): void {
    this.#setPositionals();
    this.#tokens.push({ kind: "operator", text: operator });
    this.#command = this.#tokens.length;
  }

  /** `set -- a b` and `shift` decide what `$1` is from here on. */
  #setPositionals(): void {
    let at = this.#command;
    while (LEADING.has(this.#tokens[at]?.text ?? "")) at++;
    const name = this.#tokens[at]?.text;
    if (name !== "set" && name !== "shift") return;
    const words = this.#tokens.slice(at + 1).flatMap((t) => t.kind === "word" ? [t.text] : []);
    const { positionals } = this.context;
    if (name === "shift") positionals.shift(Number(words[0] ?? 1) || 1);
    else if (words[0] === "--" || words[0] === "-") positionals.set(words.slice(1));
  }

  /** `{` and `}` alone are words of the grammar; inside a word they may expand. */
  #brace(char: string): void {
    if (char === "}") this.#expand = this.#text.includes("{");
    this.#append(char);
    this.#at++;
  }

  #redirect(char: string): void {
    const { source } = this;
    if (/^\d+$/.test(this.#text)) {
      this.#text = "";
      this.#inWord = false;
    }
    this.#endWord();
    if ((char === "<" || char === ">") && source[this.#at + 1] === "(") return this.#process(char);
    const match = /(?:<<<|<<-|<<|<>|<&|<|&>>|&>|>>|>&|>\||>)/y;
    match.lastIndex = this.#at;
    const text = match.exec(source)?.[0] ?? char;
    this.#at += text.length;
    if (text === "<<" || text === "<<-") return this.#openHeredoc(text === "<<-");
    this.#tokens.push({ kind: "redirect", text });
  }

  #openHeredoc(tabs: boolean): void {
    const match = /[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|([^\s;&|()<>]+))/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.source);
    if (!found) return;
    this.#at = match.lastIndex;
    const end = found[1] ?? found[2] ?? (found[3] ?? "").replaceAll("\\", "");
    this.#heredocs.push({ slot: this.#tokens.length, end, tabs });
    this.#tokens.push({ kind: "heredoc", text: "" });
  }

  /** `<(...)` is a file whose content the inner commands write. */
  #process(direction: string): void {
    const end = closingParenthesis(this.source, this.#at + 2);
    const { names, output } = this.context.substitute(this.source.slice(this.#at + 2, end));
    this.#at = end + 1;
    this.#append("/dev/fd/63");
    if (direction !== "<") return;
    this.#from.push(...names);
    if (output !== undefined) this.#file = output;
  }

  #backtick(quoted: boolean): void {
    const { source } = this;
    let end = this.#at + 1;
    while (end < source.length && source[end] !== "`") end += source[end] === "\\" ? 2 : 1;
    const inner = source.slice(this.#at + 1, end).replace(/\\([`\\$])/g, "$1");
    this.#at = end + 1;
    this.#substituted(inner, quoted);
  }

  #substituted(inner: string, quoted: boolean): void {
    const { names, output } = this.context.substitute(inner);
    this.#from.push(...names);
    if (output !== undefined) this.#expansion(output.replace(/\n+$/, ""), quoted);
    else this.#append("$()");
  }

  #expansion(value: string, quoted: boolean): void {
    if (!this.context.spend(value.length)) return;
    if (quoted) return this.#append(mark(value));
    const fields = value.split(separators(this.context.variables.get("IFS")));
    fields.forEach((field, i) => {
      if (i > 0) this.#endWord();
      if (field !== "") this.#append(field);
    });
  }

  #dollar(quoted: boolean): void {
    const { source } = this;
    const next = source.charAt(this.#at + 1);
    if (next === "(") {
      const end = closingParenthesis(source, this.#at + 2);
      const inner = source.slice(this.#at + 2, end);
      this.#at = end + 1;
      this.#substituted(inner, quoted);
    } else if (next === "'" && !quoted) this.#ansi();
    else if (next === '"' && !quoted) this.#at++;
    else if (next === "{") this.#parameter(quoted);
    else this.#variable(quoted);
  }

  #ansi(): void {
    const { source } = this;
    let end = this.#at + 2;
    while (end < source.length && source[end] !== "'") end += source[end] === "\\" ? 2 : 1;
    this.#append(mark(unescapeAnsi(source.slice(this.#at + 2, end))));
    this.#at = end + 1;
  }

  #variable(quoted: boolean): void {
    const match = /\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])?/y;
    match.lastIndex = this.#at;
    const name = (match.exec(this.source)?.[0] ?? "$").slice(1);
    this.#at += name.length + 1;
    if (name === "") this.#append("$");
    else this.#value(name, quoted);
  }

  #value(name: string, quoted: boolean): void {
    if (name === "IFS") {
      if (quoted) this.#append(" ");
      else this.#endWord();
    } else if (name === "HOME") this.#append("~");
    else if (/^[0-9@*]$/.test(name)) this.#positional(name, quoted);
    else if (/^[!-]$/.test(name)) this.#append("");
    else {
      const value = this.context.variables.get(name);
      if (value === undefined) this.#append(`\${${name}}`);
      else this.#expansion(value, quoted);
    }
  }

  #positional(name: string, quoted: boolean, from = 1): void {
    const { positionals } = this.context;
    if (name !== "@" && name !== "*") {
      return this.#expansion(positionals.at(Number(name)) ?? "", quoted);
    }
    const words = (positionals.all ?? NOTHING).slice(Math.max(0, from - 1));
    if (name === "*" || !quoted) return this.#expansion(words.join(" "), quoted);
    if (!this.context.spend(words.reduce((sum, word) => sum + WORD_COST + word.length, 0))) return;
    words.forEach((word, i) => {
      if (i > 0) this.#endWord();
      this.#append(mark(word));
    });
  }

  #parameter(quoted: boolean): void {
    const end = closingBrace(this.source, this.#at + 2);
    const body = this.source.slice(this.#at + 2, end);
    this.#at = end + 1;
    const match = /^[!#]?([A-Za-z_]\w*|[0-9@*])(.*)$/s.exec(body);
    const name = match?.[1] ?? "";
    const operation = match?.[2] ?? "";
    const isPositional = /^[0-9@*]$/.test(name);
    const known = isPositional
      ? this.context.positionals.at(Number(name) || 1)
      : this.context.variables.get(name);
    const fallback = /^:?[-=+](.*)$/s.exec(operation)?.[1];
    const part = /^:(\d+)(?::(\d+))?$/.exec(operation);
    if (part && (name === "@" || name === "*")) {
      this.#positional(name, quoted, Number(part[1]));
    } else if (fallback !== undefined && known === undefined) this.#fallback(fallback, quoted);
    else if (part && known !== undefined) {
      const from = Number(part[1]);
      const stop = part[2] === undefined ? undefined : from + Number(part[2]);
      this.#expansion(known.slice(from, stop), quoted);
    } else this.#value(name, quoted);
  }

  /** The default of `${x:-default}` is itself shell text. */
  #fallback(text: string, quoted: boolean): void {
    const nesting = (this.context.nesting ?? 0) + 1;
    if (nesting > MAX_NESTING) return this.#append(text);
    const context = { ...this.context, nesting };
    const words = lexShell(text, context).filter((token) => token.kind === "word");
    words.forEach((word) => this.#from.push(...word.from));
    this.#expansion(words.map((word) => word.text).join(" "), quoted);
  }
}
