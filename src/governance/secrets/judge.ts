import type { Assignment } from "./assignment.ts";
import type { KeyMeaning } from "./key_names.ts";
import type { ContextRule } from "./rules/types.ts";
import {
  isExpression,
  isMonotone,
  isPlaceholder,
  isWordList,
  looksLikePassword,
  looksRandom,
} from "./value_shape.ts";

/** A value that is a credential because of its key. `offset` is where it starts in the value. */
export interface Verdict {
  readonly kind: string;
  readonly provider: string;
  readonly value: string;
  readonly offset: number;
}

/** A named value, as it stands in the text or in structured data. */
export interface NamedValue {
  readonly meaning: KeyMeaning;
  readonly value: string;
  readonly quoted: boolean;
  readonly by: Assignment["by"];
}

/** Decides whether the value of a key is a credential. `minBits` undefined: no entropy test, no generic kinds. */
export function judgeValue(named: NamedValue, minBits: number | undefined): Verdict | undefined {
  const { meaning, value } = named;
  if (value.length < 4 || value.length > 4096) return undefined;
  if (meaning.secrecy === "authorization") return judgeAuthorization(value);
  if (meaning.contexts.length > 0) {
    const found = judgeContext(meaning.contexts, value);
    if (found !== undefined) return found;
  }
  return minBits === undefined ? undefined : judgeGeneric(named, minBits);
}

const WHOLE = new Map<RegExp, RegExp>();

function isWhole(expression: RegExp, value: string): boolean {
  let whole = WHOLE.get(expression);
  if (whole === undefined) {
    whole = new RegExp(`^(?:${expression.source})$`, expression.flags);
    WHOLE.set(expression, whole);
  }
  return whole.test(value);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function judgeContext(contexts: readonly ContextRule[], value: string): Verdict | undefined {
  for (const context of contexts) {
    for (const shape of context.shapes) {
      if (!isWhole(shape.expression, value) || isStandIn(value)) continue;
      return { kind: shape.kind, provider: context.provider, value, offset: 0 };
    }
  }
  return undefined;
}

/** Values of the right form that are no credential: masks, sequences, words. */
function isStandIn(value: string): boolean {
  if (UUID.test(value)) return isMonotone(value.replaceAll("-", ""));
  return isPlaceholder(value) || isWordList(value) || !/\d/.test(value) && !looksRandom(value, 2.5);
}

const SCHEME =
  /^(?:(?:bearer|token|apikey|api-key|basic|key|sso-key|genie ?key|aws4-hmac-sha256|ssws|bot|negotiate|oauth|zoho-oauthtoken|splunk|pve ?api ?token)[ =:]{1,2}|)(?=\S)/i;

function judgeAuthorization(value: string): Verdict | undefined {
  const scheme = SCHEME.exec(value)?.[0] ?? "";
  const rest = /^[^\s"',;\\&<>]{1,4096}/.exec(value.slice(scheme.length))?.[0] ?? "";
  const verdict = {
    kind: "authorization_header",
    provider: "HTTP",
    value: rest,
    offset: scheme.length,
  };
  if (/^basic/i.test(scheme)) return basicPair(rest) ? verdict : undefined;
  if (rest.length < 8 || isPlaceholder(rest)) return undefined;
  return looksRandom(rest, 2.5) || UUID.test(rest) ? verdict : undefined;
}

/** True when base64 text decodes to `user:password` with a password that is no placeholder. */
export function basicPair(encoded: string): boolean {
  if (!/^[A-Za-z0-9+/_-]{6,512}={0,2}$/.test(encoded)) return false;
  let pair = "";
  try {
    pair = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return false;
  }
  const colon = pair.indexOf(":");
  if (colon < 0 || /[^\x20-\x7e\xa0-\xff]/.test(pair)) return false;
  const [user, password] = [pair.slice(0, colon), pair.slice(colon + 1)];
  if (password === "") return user.length >= 16 && looksRandom(user);
  return password.length >= 3 && password !== user && !isPlaceholder(password);
}

function judgeGeneric(named: NamedValue, minBits: number): Verdict | undefined {
  const { value, meaning, by } = named;
  const { secrecy } = meaning;
  if (secrecy === "none" || value.length > 1024) return undefined;
  if (secrecy === "auth_pair") return judgePair(value);
  if (isPlaceholder(value) || isReference(value)) return undefined;
  if (!named.quoted && (by === "list" || isExpression(value))) return undefined;
  const credential = secrecy === "password"
    ? isPassword(named)
    : looksRandom(value, minBits) || (UUID.test(value) && by === "sign") ||
      (named.quoted && isPhraseSecret(value));
  if (!credential) return undefined;
  if (by === "is" && !/\d/.test(value)) return undefined;
  return { kind: secrecy, provider: "Generic", value, offset: 0 };
}

function judgePair(value: string): Verdict | undefined {
  return basicPair(value)
    ? { kind: "docker_auth", provider: "Docker", value, offset: 0 }
    : undefined;
}

function isPassword(named: NamedValue): boolean {
  const { value, by, quoted } = named;
  if (!looksLikePassword(value, quoted) || isPlainWords(value)) return false;
  return (by !== "is" && by !== "space" && by !== "tag") || /\d|[!@#$%^&*]/.test(value);
}

/** `us-east-1`, `my-app-v2`: words and numbers apart, a name more than a password. */
function isPlainWords(value: string): boolean {
  const parts = value.split(/[-_./:@+]/);
  return parts.length > 1 && parts.every((part) => /^(?:[A-Za-z]*|v?\d{1,4})$/.test(part));
}

/** Twenty characters and more with marks in between: what people make up as a secret. */
function isPhraseSecret(value: string): boolean {
  return value.length >= 12 && /\d/.test(value) && /[A-Za-z]/.test(value) &&
    /[!@#$%^&*?]/.test(value) && !/\s/.test(value);
}

/** Publishable keys, paths, addresses, hashes of passwords, dates: not credentials by themselves. */
function isReference(value: string): boolean {
  return /^(?:pk_(?:live|test)_|phc_|pub|\.{0,2}\/|[a-z]:\\|~\/|\$2[aby]\$|\$argon2|\$[156]\$|pbkdf2|scrypt|sha\d{1,3}[:-]|projects\/|\d{4}-\d\d-\d\d|[a-z]+:\/\/|urn:|data:|k8s:|ssh-(?:rsa|ed25519)|ecdsa-)/i
    .test(value) ||
    /\.(?:[cm]?[jt]sx?|py|go|rs|json|ya?ml|pem|key|txt|md|html|php|java|sh|crt|env|toml)$/i.test(
      value,
    ) || /^[\w.-]+\.(?:com|org|net|io|dev|local)(?:[/:].*)?$/i.test(value);
}
