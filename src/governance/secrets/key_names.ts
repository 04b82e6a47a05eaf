import {
  KEY_QUALIFIERS,
  NEUTRAL,
  NOT_A_CREDENTIAL,
  PASSWORD_WORDS,
  SECRET_ENDS,
  TOKEN_OTHERS,
  VERBS,
} from "./key_words.ts";
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
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]{2,})([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** Reads key names. Results are remembered, because the same few names come again and again. */
export function createKeyReader(contexts: readonly ContextRule[]): (name: string) => KeyMeaning {
  const remembered = new Map<string, KeyMeaning>();
  return (name) => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    if (remembered.size >= 4096) remembered.clear();
    const meaning = name.length > 128 ? NOTHING : readKey(name, contexts);
    remembered.set(name, meaning);
    return meaning;
  };
}

function readKey(name: string, contexts: readonly ContextRule[]): KeyMeaning {
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

function contextsOf(
  words: readonly string[],
  contexts: readonly ContextRule[],
): readonly ContextRule[] {
  const last = words.at(-1) ?? "";
  if (NOT_A_CREDENTIAL.has(last) && !(last === "public" && words.length === 2)) return [];
  const compact = words.join("");
  return contexts.filter((rule) =>
    rule.words.some((word) => {
      const hit = words.includes(word) || compact.startsWith(word) ||
        (word.length >= 7 && compact.includes(word));
      return hit &&
        (compact === word || last === "id" && /client|access/.test(compact) ||
          last !== "id" && HAS_CREDENTIAL_WORD.test(compact.replace(word, "")) ||
          isOwnCredential(word, compact));
    })
  );
}

/** A word that is itself the name of a credential, `presharedkey` or `secretaccesskey`. */
function isOwnCredential(word: string, compact: string): boolean {
  return word === "contribsys" || (/key$|keyid$/.test(word) && compact.endsWith(word));
}
