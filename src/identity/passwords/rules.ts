import { COMMON_WORDS } from "./common_words.ts";

/** Characters that a password has at least. */
export const MIN_PASSWORD_LENGTH = 12;
/** Characters that a password has at most: what is hashed is bounded. */
export const MAX_PASSWORD_LENGTH = 256;
/** Different characters that a password has at least. */
const MIN_DISTINCT = 5;

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
}

/** Why a password is not taken, as a sentence about it; undefined when it is. Length counts, not variety. */
export function passwordProblem(password: string, owner: PasswordOwner): string | undefined {
  const text = password.toWellFormed().normalize("NFKC");
  const { length } = [...text];
  if (length < MIN_PASSWORD_LENGTH) return `It is shorter than ${MIN_PASSWORD_LENGTH} characters`;
  if (length > MAX_PASSWORD_LENGTH) return `It is longer than ${MAX_PASSWORD_LENGTH} characters`;
  if (new Set(text).size < MIN_DISTINCT) return "It repeats a few characters";
  if (isSequence(text)) return "It is a sequence of neighbouring characters";
  if (isCommon(text)) return "It is one of the most common passwords";
  return containsOwner(text, owner) ? "It contains the user's own name" : undefined;
}

/** Each character follows or precedes the one before: `123456789012`, `ABCDEFGHIJKL`. */
function isSequence(text: string): boolean {
  const codes = [...text.toLowerCase()].map((char) => char.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, i) => code - (codes[i] ?? 0));
  const neighbours = steps.filter((step) => Math.abs(step) <= 1 || Math.abs(step) === 9).length;
  return neighbours >= steps.length - 1;
}

const LOOKALIKES: Readonly<Record<string, string>> = {
  ...{ "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t" },
  ...{ "@": "a", "$": "s", "!": "i" },
};

function isCommon(text: string): boolean {
  const lower = text.toLowerCase();
  const core = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  const folded = core.replace(/[0-9@$!]/g, (char) => LOOKALIKES[char] ?? char);
  return [lower, folded].some((each) => isCommonWord(each.replace(/[^\p{L}]/gu, "")));
}

function isCommonWord(letters: string): boolean {
  return COMMON_WORDS.has(unrepeated(letters));
}

/** `abcabc` is `abc`. */
function unrepeated(text: string): string {
  const period = text === "" ? 0 : `${text}${text}`.indexOf(text, 1);
  return text.slice(0, period);
}

const MIN_NAME = 4;

function containsOwner(text: string, { email, name }: PasswordOwner): boolean {
  const lower = text.toLowerCase();
  const names = [email, email.split("@")[0] ?? "", name].map((each) => each.toLowerCase());
  return names.some((each) => each.length >= MIN_NAME && lower.includes(each));
}
