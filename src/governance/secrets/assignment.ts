import { isNameChar } from "./alphabet.ts";

/** A name, and the value that is given to it. Offsets into the text. */
export interface Assignment {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly quoted: boolean;
  /** All others are weaker than `=` and `:` (`sign`). */
  readonly by: "sign" | "space" | "call" | "is" | "tag" | "list";
}

const LONGEST_NAME = 96;
const LONGEST_VALUE = 4096;
const SIGN =
  /[\\]{0,2}["'`\])]{0,3}[ \t]{0,6}(?:[ \t](?:string|String|str|char\*?|&str|text))?[ \t]{0,4}(?:(?:\?|\|\||\.|\+|:{1,3}|\|\|:|&&)?={1,3}>?|[ \t]value\s?=|:{1,2}|=>|->|<-|,|<\/[\w.-]{1,40}>\s{0,12}<[\w.-]{1,40}>|>)(?:[ \t]{0,8}|\s{0,12}(?=["'\\<]))/y;
/** `"name": "X", "value": "…"`, also over lines. */
const NAME_VALUE = /["'\\]{0,3},?\s{0,24}["'\\]{0,3}(?:value|Value)["'\\]{0,3}\s{0,3}[:=]\s{0,3}/y;
/** `variable "x" { default = "…" }`. */
const DEFAULT = /["']?\s?\{\s{0,8}(?:[\w ]{1,20}=[\w ."]{1,30}\s{1,8}){0,2}default\s{0,4}=\s{0,4}/y;
/** Words after which a name and its value stand apart by a blank. */
const SETTER =
  /(?:^|[\s;&])(?:ENV|ARG|setx|setenv|export|set -g?x|config set|secret set|secrets set|env set|env add)\s{1,3}(?:-[\w-]{1,20} )?$/;
const CALL = /\(\s{0,4}(?=["'`])/y;
const SPACE = /[ \t]{1,4}(?=[^\s=:|&;<>])/y;
const IS = /[ \t]{1,2}(?:is|was|to|ist|est|es)[ \t]{0,2}:?[ \t]{1,2}/y;
const WRAP =
  /(?:[$@]{1,2}(?=["'])|[fbru]{1,2}(?=["'`])|(?:String|str|bytes|Secret|SecretStr|new \w{1,20})\()/y;
const TYPED = /[&*]?[A-Za-z][\w<>[\]|.?]{0,30}[ \t]{0,3}=[ \t]{0,3}(?=["'`])/y;

/** Start and end of the name around an anchor; -1 when it is no name of a sensible length. */
export function nameAround(
  text: string,
  start: number,
  end: number,
): { start: number; end: number } {
  let from = start;
  const floor = Math.max(0, start - LONGEST_NAME);
  while (from > floor && isNameChar(text.charCodeAt(from - 1))) from--;
  let to = end;
  const ceiling = Math.min(text.length, end + LONGEST_NAME);
  while (to < ceiling && isNameChar(text.charCodeAt(to))) to++;
  while (to > end && text.charCodeAt(to - 1) === 46) to--;
  return { start: from, end: to };
}

function matchAt(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : -1;
}

type Operator = { readonly end: number; readonly by: Assignment["by"] } | undefined;

/** Skips closing quotes, brackets and blanks behind a name. */
function afterName(text: string, end: number): number {
  let i = end;
  const stop = Math.min(text.length, end + 12);
  for (; i < stop; i++) {
    const code = text.charCodeAt(i);
    const closer = code === 34 || code === 39 || code === 96 || code === 92 || code === 93 ||
      code === 41;
    if (!closer && code !== 32 && code !== 9) break;
  }
  return i;
}

const TYPE_WORD = /^(?:string|String|str|char|&str|text|value)/;
const SIGN_START = new Set([..."=:,><?|.+&-"].map((char) => char.charCodeAt(0)));

function operatorAt(text: string, name: { start: number; end: number }): Operator {
  const next = afterName(text, name.end);
  const code = text.charCodeAt(next);
  const pair = pairedValue(text, name.end, code);
  if (pair >= 0) return { end: pair, by: "sign" };
  if (SIGN_START.has(code) || TYPE_WORD.test(text.slice(next, next + 8))) {
    const sign = matchAt(SIGN, text, name.end);
    if (sign >= 0) {
      const by = code === 44 ? "list" : text.charCodeAt(name.end) === 62 ? "tag" : "sign";
      return { end: sign, by };
    }
  }
  if (code === 40) {
    const call = matchAt(CALL, text, name.end);
    return call < 0 ? undefined : { end: call, by: "call" };
  }
  return next === name.end ? undefined : spacedOperator(text, name);
}

function pairedValue(text: string, end: number, code: number): number {
  if (code === 44 || code === 10 || code === 13) return matchAt(NAME_VALUE, text, end);
  return code === 123 ? matchAt(DEFAULT, text, end) : -1;
}

/** `password is x`, `--password x`, `PASSWORD 'x'`. */
function spacedOperator(text: string, name: { start: number; end: number }): Operator {
  const flag = text.charCodeAt(name.start) === 45 ||
    SETTER.test(text.slice(Math.max(0, name.start - 40), name.start));
  if (!flag) {
    const is = matchAt(IS, text, name.end);
    if (is >= 0) return { end: is, by: "is" };
  }
  const space = matchAt(SPACE, text, name.end);
  if (space < 0) return undefined;
  const quote = text.charCodeAt(space);
  if (flag) return { end: space, by: "sign" };
  return quote === 34 || quote === 39 ? { end: space, by: "space" } : undefined;
}

/** Reads `name = value` in the notations of code, configuration, shells, headers and markup. */
export function readAssignment(text: string, start: number, end: number): Assignment | undefined {
  const name = nameAround(text, start, end);
  const operator = operatorAt(text, name);
  if (operator === undefined) return undefined;
  let at = operator.end;
  if (operator.by === "tag") { while (at < operator.end + 24 && text.charCodeAt(at) <= 32) at++; }
  const typed = matchAt(TYPED, text, at);
  if (typed >= 0) at = typed;
  const wrapped = matchAt(WRAP, text, at);
  if (wrapped >= 0) at = wrapped;
  const value = readValue(text, at);
  if (value === undefined) return undefined;
  return { nameStart: name.start, nameEnd: name.end, by: operator.by, ...value };
}

function readValue(
  text: string,
  at: number,
): Pick<Assignment, "valueStart" | "valueEnd" | "quoted"> | undefined {
  let start = at;
  let slashes = 0;
  while (text.charCodeAt(start) === 92 && slashes < 4) {
    start++;
    slashes++;
  }
  const quote = text.charCodeAt(start);
  if (quote === 34 || quote === 39 || quote === 96) return readQuoted(text, start, quote, slashes);
  return readBare(text, at);
}

function readQuoted(
  text: string,
  open: number,
  quote: number,
  slashes: number,
): Pick<Assignment, "valueStart" | "valueEnd" | "quoted"> | undefined {
  let start = open + 1;
  while (start < open + 3 && text.charCodeAt(start) === quote) start++;
  if (start === open + 2) return undefined;
  const stop = Math.min(text.length, start + LONGEST_VALUE);
  let end = start;
  for (; end < stop; end++) {
    const code = text.charCodeAt(end);
    if (code === quote || code === 10) break;
    if (code === 92 && slashes === 0) end++;
  }
  let valueEnd = Math.min(end, stop);
  while (slashes > 0 && valueEnd > start && text.charCodeAt(valueEnd - 1) === 92) valueEnd--;
  return valueEnd > start ? { valueStart: start, valueEnd, quoted: true } : undefined;
}

function endsBare(code: number): boolean {
  return code <= 32 || code === 34 || code === 39 || code === 96 || code === 59 || code === 44 ||
    code === 60 || code === 62 || code === 125 || code === 93 || code === 124 || code === 38;
}

function readBare(
  text: string,
  start: number,
): Pick<Assignment, "valueStart" | "valueEnd" | "quoted"> | undefined {
  const stop = Math.min(text.length, start + LONGEST_VALUE);
  let end = start;
  while (end < stop && !endsBare(text.charCodeAt(end))) end++;
  while (end > start && /[\\).:!?]/.test(text.charAt(end - 1))) {
    if (text.charAt(end - 1) === "!" || text.charAt(end - 1) === "?") break;
    end--;
  }
  return end > start ? { valueStart: start, valueEnd: end, quoted: false } : undefined;
}
