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
const PASSWORD_WORDS = new Set([
  "pass",
  "pw",
  "passwords",
  "userpass",
  "dbpass",
  "rootpass",
  "smtppass",
  "pgpass",
  "mysqlpass",
  "sshpass",
]);
const VERBS = new Set([
  "is",
  "has",
  "show",
  "hide",
  "use",
  "allow",
  "enable",
  "disable",
  "reset",
  "forgot",
  "change",
  "require",
  "requires",
  "no",
  "needs",
  "validate",
  "check",
  "toggle",
  "min",
  "max",
  "without",
  "with",
  "invalid",
  "missing",
  "wrong",
]);
const TOKEN_OTHERS = new Set([
  "next",
  "page",
  "pagination",
  "continuation",
  "continue",
  "cancel",
  "cancellation",
  "max",
  "min",
  "total",
  "input",
  "output",
  "prompt",
  "completion",
  "num",
  "count",
  "per",
  "stop",
  "lexer",
  "parser",
  "lookahead",
  "sync",
  "resume",
  "delta",
  "pad",
  "eos",
  "bos",
  "unk",
  "mask",
  "sep",
  "cls",
  "special",
  "current",
  "previous",
  "prev",
  "first",
  "last",
  "start",
  "end",
  "close",
  "open",
  "string",
  "identifier",
  "keyword",
  "by",
  "csrf",
  "xsrf",
  "cursor",
  "no",
  "missing",
  "invalid",
  "expected",
  "unexpected",
  "design",
  "color",
  "theme",
  "nft",
  "erc20",
  "is",
  "has",
]);
const KEY_QUALIFIERS = new Set([
  "api",
  "app",
  "application",
  "access",
  "secret",
  "private",
  "auth",
  "encryption",
  "encrypt",
  "decryption",
  "signing",
  "sign",
  "master",
  "account",
  "shared",
  "service",
  "license",
  "licence",
  "admin",
  "client",
  "session",
  "deploy",
  "deployment",
  "subscription",
  "function",
  "host",
  "server",
  "write",
  "ingest",
  "instrumentation",
  "integration",
  "root",
  "storage",
  "webhook",
  "hmac",
  "jwt",
  "aes",
  "rsa",
  "crypto",
  "cipher",
  "data",
  "user",
  "team",
  "org",
  "project",
  "vault",
  "ssh",
  "gpg",
  "pgp",
  "security",
  "test",
  "live",
  "prod",
  "production",
  "personal",
  "preshared",
  "wrapping",
  "kms",
]);
const SECRET_ENDS = new Set([
  "secret",
  "credential",
  "credentials",
  "creds",
  "cred",
  "pat",
  "bearer",
  "jwt",
  "seed",
  "salt",
  "mnemonic",
  "pin",
  "otp",
]);
const NEUTRAL = new Set([
  "value",
  "string",
  "str",
  "text",
  "plain",
  "plaintext",
  "raw",
  "prod",
  "production",
  "dev",
  "development",
  "staging",
  "live",
  "test",
  "default",
  "env",
  "var",
  "old",
  "new",
  "current",
  "primary",
  "secondary",
  "b64",
  "base64",
  "encoded",
  "here",
  "clear",
  "cleartext",
  "confirm",
  "confirmation",
  "again",
  "repeat",
  "v1",
  "v2",
  "v3",
]);
const NOT_A_CREDENTIAL = new Set([
  "hash",
  "hashes",
  "sha",
  "sha1",
  "sha256",
  "sha512",
  "md5",
  "checksum",
  "digest",
  "commit",
  "revision",
  "rev",
  "version",
  "url",
  "uri",
  "host",
  "hostname",
  "region",
  "name",
  "image",
  "integrity",
  "build",
  "ref",
  "branch",
  "path",
  "file",
  "dir",
  "email",
  "user",
  "username",
  "channel",
  "guild",
  "server",
  "project",
  "org",
  "organization",
  "endpoint",
  "port",
  "enabled",
  "type",
  "length",
  "size",
  "count",
  "expiry",
  "expires",
  "ttl",
  "field",
  "label",
  "placeholder",
  "policy",
  "hint",
  "regex",
  "pattern",
  "format",
  "prefix",
  "header",
  "location",
  "arn",
  "alias",
  "message",
  "error",
  "help",
  "description",
  "title",
  "status",
  "etag",
  "trace",
  "span",
  "request",
  "fingerprint",
  "thumbprint",
  "public",
  "uuid",
  "guid",
  "date",
  "time",
  "timestamp",
  "created",
  "updated",
  "cidr",
  "subnet",
  "vpc",
  "zone",
  "bucket",
  "container",
  "repo",
  "repository",
  "package",
  "module",
  "tag",
  "digests",
  "layer",
  "manifest",
  "issue",
  "ticket",
  "thread",
  "folder",
  "workspace",
  "tenant",
  "sdk",
  "lib",
  "plugin",
  "role",
  "group",
  "member",
  "bot",
  "webhook",
  "event",
  "order",
  "customer",
  "product",
  "article",
  "page",
  "post",
  "asset",
  "entry",
  "space",
  "environment",
  "record",
  "ray",
]);
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
