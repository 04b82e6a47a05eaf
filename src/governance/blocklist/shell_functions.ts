import { closingBrace, closingParenthesis } from "./shell_text.ts";

/** A function that a script defines. */
export interface ShellFunction {
  /** Lower-case, as commands are named. */
  readonly name: string;
  readonly body: string;
}

/** `f() {`, `function f {`, `f() (`. White space is bounded: two runs of it must not be tried against each other. */
const DEFINITION =
  /(?:^|[\s;&|(){}])(?:function\s{1,8}([^\s(){};&|<>'"$`]+)\s{0,8}(?:\(\s{0,8}\)\s{0,8})?|([^\s(){};&|<>'"$`=]+)\s{0,8}\(\s{0,8}\)\s{0,8})([{(])/g;
/** More functions, or longer ones, are not looked into: they count as unreadable. */
const MAX_FUNCTIONS = 128;
const MAX_BODY = 32 * 1024;
const PARAMETER = /\$\{?[@*0-9]|\bshift\b/;

/**
 * The functions of a script that do something with what they are called with; the others are read where
 * they stand. Undefined when there are too many, or too long ones.
 */
export function functionsIn(source: string): ShellFunction[] | undefined {
  const functions: ShellFunction[] = [];
  if (!PARAMETER.test(source)) return functions;
  let count = 0;
  for (const match of source.matchAll(DEFINITION)) {
    if (++count > MAX_FUNCTIONS) return undefined;
    const [all, keyword, plain, opener] = match;
    const text = source.slice(match.index + all.length, match.index + all.length + MAX_BODY + 1);
    const body = text.slice(
      0,
      opener === "{" ? closingBrace(text, 0) : closingParenthesis(text, 0),
    );
    if (body.length > MAX_BODY) return undefined;
    if (!PARAMETER.test(body)) continue;
    functions.push({ name: (keyword ?? plain ?? "").toLowerCase(), body });
  }
  return functions;
}

/** What `$0`, `$1` … stand for while a script, a function or `bash -c` runs; nothing may be known of them. */
export class Positionals {
  #words: readonly string[] | undefined;

  /** `words`: `$0` and what follows it. */
  constructor(words?: readonly string[]) {
    this.#words = words;
  }

  /** `$@`; undefined when it is not known. */
  get all(): readonly string[] | undefined {
    return this.#words?.slice(1);
  }

  /** `$0` to `$9`; undefined when nothing is known, empty beyond the last. */
  at(index: number): string | undefined {
    return this.#words && (this.#words[index] ?? "");
  }

  /** `set -- words`. */
  set(words: readonly string[]): void {
    this.#words = [this.#words?.[0] ?? "", ...words];
  }

  shift(count: number): void {
    const words = this.#words;
    if (words) this.#words = [words[0] ?? "", ...words.slice(1 + count)];
  }

  copy(): Positionals {
    return new Positionals(this.#words);
  }
}
