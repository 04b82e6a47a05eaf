import {
  KEY_QUALIFIERS,
  NEUTRAL,
  NOT_A_CREDENTIAL,
  PASSWORD_WORDS,
  SECRET_ENDS,
  TOKEN_OTHERS,
  VERBS,
} from "./key_words.ts";
import { CLASS_OF, isAlnum, OTHER } from "./alphabet.ts";
import { type Automaton, buildAutomaton } from "./automaton.ts";
import type { ContextRule } from "./rules/types.ts";

/** What the name of a key says about its value. */
export interface KeyMeaning {
  readonly secrecy:
    | "none"
    | "password"
    | "token"
    | "secret"
    | "api_key"
    | "authorization"
    | "auth_pair";
  readonly contexts: readonly ContextRule[];
}

/** Words that make the automaton stop at a key name. */
export const KEY_WORDS: readonly string[] = [
  "password",
  "passwd",
  "passwort",
  "passphrase",
  "passcode",
  "pwd",
  "pass",
  "secret",
  "token",
  "key",
  "credential",
  "creds",
  "auth",
  "bearer",
  "jwt",
  "psk",
  "cookie",
  "contrasena",
  "kennwort",
];

const NOTHING: KeyMeaning = { secrecy: "none", contexts: [] };
const PASSWORD_END =
  /(?:password|passwd|passwort|kennwort|contrasena|passphrase|passcode|pwd|psk)$/;
const HAS_CREDENTIAL_WORD =
  /token|key|secret|passw|pwd|auth|api|access|pat$|credential|creds|licen[sc]e|client|bearer|dsn|app|private|psk|signing|login/;

/** The words of an identifier, lower case: `dbPassword`, `DB_PASSWORD`, `db-password` are all db, password. */
export function wordsOf(name: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    // Beyond ASCII letters change in number and kind when their case does.
    if (code > 127) return wordsByExpression(name);
    if (isAlnum(code) && !(i > start && isHump(name, i, code))) continue;
    if (i > start) words.push(name.slice(start, i).toLowerCase());
    start = isAlnum(code) ? i : i + 1;
  }
  if (name.length > start) words.push(name.slice(start).toLowerCase());
  return words;
}

/** Whether a word begins at the capital at `i`: `dbPassword`, `HTTPServer`. */
function isHump(name: string, i: number, code: number): boolean {
  if (!isCapital(code)) return false;
  const before = name.charCodeAt(i - 1);
  if (!isCapital(before)) return isAlnum(before);
  const after = name.charCodeAt(i + 1);
  return after >= 97 && after <= 122 && isCapital(name.charCodeAt(i - 2));
}

function isCapital(code: number): boolean {
  return code >= 65 && code <= 90;
}

function wordsByExpression(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]{2,})([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** Of these one is in the last word of every name that `secrecyOf` finds something in. */
const SECRECY_PARTS =
  "pass pw psk kennwort contrasena auth dockerconfig token secret cred pat bearer jwt seed salt mnemonic pin otp key"
    .split(" ");

const SECRECY = new RegExp(`${SECRECY_PARTS.join("|")}|^base$`);

/**
 * Reads key names. What most names are, nothing, is seen in one pass over them; other results are
 * remembered, because the same few names come again and again.
 */
export function createKeyReader(contexts: readonly ContextRule[]): (name: string) => KeyMeaning {
  const remembered = new Map<string, KeyMeaning>();
  const index = indexContexts(contexts);
  const parts = buildAutomaton([
    ...SECRECY_PARTS,
    ...contexts.flatMap((rule) => rule.words),
  ]);
  return (name) => {
    if (!mayMean(name, parts)) return NOTHING;
    const known = remembered.get(name);
    if (known !== undefined) return known;
    if (remembered.size >= 4096) remembered.clear();
    const meaning = name.length > 128 ? NOTHING : readKey(name, index);
    remembered.set(name, meaning);
    return meaning;
  };
}

/** Whether one of the automaton's words stands in the letters and digits of a name. */
function mayMean(name: string, { next, accepting }: Automaton): boolean {
  let state = 0;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    // Some letters beyond ASCII become ASCII in lower case.
    if (code > 127) return true;
    if (!isAlnum(code)) continue;
    state = next[(state << 6) | (CLASS_OF[code] ?? OTHER)] ?? 0;
    if (state >= accepting) return true;
  }
  return false;
}

function readKey(name: string, contexts: ContextIndex): KeyMeaning {
  const words = wordsOf(name);
  if (words.length === 0) return NOTHING;
  const secrecy = secrecyOf(words);
  const found = contextsOf(words, contexts);
  return secrecy === "none" && found.length === 0 ? NOTHING : { secrecy, contexts: found };
}

function secrecyOf(all: readonly string[]): KeyMeaning["secrecy"] {
  const words = [...all];
  while (
    words.length > 1 && (NEUTRAL.has(words.at(-1) ?? "") || /^\d+$/.test(words.at(-1) ?? ""))
  ) words.pop();
  const last = words.at(-1) ?? "";
  if (!SECRECY.test(last)) return "none";
  const before = words.at(-2) ?? "";
  if (words.length > 1 && VERBS.has(words[0] ?? "")) return "none";
  if (last === "authorization" || last === "authorisation") return "authorization";
  if (PASSWORD_END.test(last) || PASSWORD_WORDS.has(last)) return "password";
  if (last === "auth" || last === "dockerconfigjson") return "auth_pair";
  if (last === "token" || last.endsWith("token") || last === "tokens") {
    return TOKEN_OTHERS.has(before) || last === "csrftoken" ? "none" : "token";
  }
  if (SECRET_ENDS.has(last) || last.endsWith("secret")) return "secret";
  if (last.endsWith("apikey") || last.endsWith("secretkey") || last.endsWith("accesskey")) {
    return "api_key";
  }
  if (last.endsWith("privatekey") || last.endsWith("authkey")) return "api_key";
  if (last === "key" && KEY_QUALIFIERS.has(before)) return "api_key";
  if (last.endsWith("key") && KEY_QUALIFIERS.has(last.slice(0, -3))) return "api_key";
  return words.join(" ") === "secret key base" ? "secret" : "none";
}

/** The rules, and their words in one automaton: hardly any name holds one, and none is to be compared with all. */
interface ContextIndex {
  readonly rules: readonly ContextRule[];
  readonly words: readonly { readonly word: string; readonly rule: ContextRule }[];
  readonly automaton: Automaton;
}

function indexContexts(rules: readonly ContextRule[]): ContextIndex {
  const words = rules.flatMap((rule) => rule.words.map((word) => ({ word, rule })));
  return { rules, words, automaton: buildAutomaton(words.map(({ word }) => word)) };
}

function contextsOf(words: readonly string[], index: ContextIndex): readonly ContextRule[] {
  const last = words.at(-1) ?? "";
  if (NOT_A_CREDENTIAL.has(last) && !(last === "public" && words.length === 2)) return [];
  const compact = words.join("");
  const found = new Set<ContextRule>();
  for (const number of wordsIn(compact, index.automaton)) {
    const each = index.words[number];
    if (each && isContext(each.word, words, compact)) found.add(each.rule);
  }
  return found.size < 2 ? [...found] : index.rules.filter((rule) => found.has(rule));
}

/** Numbers of the words that stand anywhere in the text. */
function wordsIn(text: string, { next, accepting, ends }: Automaton): readonly number[] {
  let found: number[] | undefined;
  let state = 0;
  for (let i = 0; i < text.length; i++) {
    state = next[(state << 6) | (CLASS_OF[text.charCodeAt(i)] ?? OTHER)] ?? 0;
    if (state >= accepting) (found ??= []).push(...ends[state - accepting] ?? []);
  }
  return found ?? [];
}

function isContext(word: string, words: readonly string[], compact: string): boolean {
  const last = words.at(-1) ?? "";
  const hit = words.includes(word) || compact.startsWith(word) ||
    (word.length >= 7 && compact.includes(word));
  return hit &&
    (compact === word || last === "id" && /client|access/.test(compact) ||
      last !== "id" && HAS_CREDENTIAL_WORD.test(compact.replace(word, "")) ||
      isOwnCredential(word, compact));
}

/** A word that is itself the name of a credential, `presharedkey` or `secretaccesskey`. */
function isOwnCredential(word: string, compact: string): boolean {
  return word === "contribsys" || (/key$|keyid$/.test(word) && compact.endsWith(word));
}
