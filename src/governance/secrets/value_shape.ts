import { isAlnum } from "./alphabet.ts";

const FILLERS = new RegExp(
  "example|sample|your|placeholder|dummy|fake|mock|testing|test|todo|none|null|undefined|true|false|" +
    "redacted|hidden|masked|secret|token|apikey|access|password|passwd|passphrase|username|admin|root|" +
    "value|string|default|foobar|client|auth|private|public|service|account|staging|local|host|required|" +
    "optional|invalid|empty|here|insert|replace|change|with|this|that|some|goes|live|prod|demo|" +
    "1234567890|123456789|12345678|1234567|123456|12345|1234|abcdefgh|abcdef|abcd|deadbeef|cafebabe|xxx+|000+",
  "gi",
);
const SHORT_FILLERS =
  /\b(?:me|my|the|key|api|user|pass|pwd|foo|bar|baz|abc|xyz|qux|app|dev|id|a|an|is|of|for|to|in|not|real|it|db|123|00|xx)\b/gi;
const REFERENCE =
  /^(?:<|\$\{|\$\(|\$[A-Za-z_]\w*(?:-?$|->|\[)|\$\d|\{\{|\{[\w.]*\}|%[({]|%[sdv]\b|#\{|\[redacted|\[[\w .-]*\]?$|\(|@[\w.]+\(|&[A-Za-z]\w*$|!(?:Ref|Sub|GetAtt|vault)|process\.|os\.|env\.|ENV\b|System\.|secrets?\.|vars?\.|local\.|data\.|self\.|this\.|config\.|settings\.|vault:|op:\/\/|ssm:|arn:|file:|https?:\/\/|ref\+|sops:|ENC\[|AES256|keyring|secretref)/i;

/** True when every character repeats, the text repeats a short period, or it only counts up or down. */
export function isMonotone(text: string): boolean {
  return hasFewCharacters(text) || hasShortPeriod(text) || isCounting(text);
}

function hasFewCharacters(text: string): boolean {
  const seen = new Set<string>();
  for (const char of text) {
    seen.add(char);
    if (seen.size > 2) return false;
  }
  return true;
}

function hasShortPeriod(text: string): boolean {
  for (let period = 1; period <= 10 && period * 2 <= text.length; period++) {
    let i = period;
    while (i < text.length && text.charCodeAt(i) === text.charCodeAt(i - period)) i++;
    if (i === text.length) return true;
  }
  return false;
}

function isCounting(text: string): boolean {
  if (text.length < 6) return false;
  let steps = 0;
  const lower = text.toLowerCase();
  for (let i = 1; i < lower.length; i++) {
    const step = lower.charCodeAt(i) - lower.charCodeAt(i - 1);
    if (step === 1 || step === -1 || step === -9) steps++;
  }
  return steps >= (lower.length - 1) * 0.85;
}

/** True for a value that only stands for a credential: a variable, a mask, filler words, a sequence. */
export function isPlaceholder(value: string): boolean {
  if (REFERENCE.test(value) || isMonotone(value)) return true;
  if (/\$\{|\{\{|\}\}|<[\w -]{1,60}>|\*{3}|\.{3}|…|%\(|\$\(/.test(value)) return true;
  if (/^[A-Z][A-Z_]{3,}$/.test(value) || /^%\w+%$/.test(value)) return true;
  return isFiller(value);
}

/** True when hardly anything is left once the words people write instead of a credential are gone. */
export function isFiller(value: string): boolean {
  const rest = value.replace(FILLERS, " ").replace(SHORT_FILLERS, " ").replace(/[^A-Za-z0-9]/g, "");
  const limit = Math.min(6, Math.max(3, value.length * 0.15));
  return rest.length <= limit || (rest.length < value.length * 0.7 && isMonotone(rest));
}

/** Shannon entropy of the characters, in bits per character. */
export function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / value.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}

function kindOf(code: number): number {
  if (code >= 48 && code <= 57) return 1;
  if (code >= 97 && code <= 122) return 2;
  return code >= 65 && code <= 90 ? 3 : 0;
}

/** How characters change between digits, lower case and upper case, per neighbouring pair. */
function restlessness(value: string): { changes: number; digits: number; letters: number } {
  let changes = 0;
  let digits = 0;
  let letters = 0;
  let last = -1;
  for (let i = 0; i < value.length; i++) {
    const kind = kindOf(value.charCodeAt(i));
    if (kind === 1) digits++;
    else if (kind > 1) letters++;
    if (kind !== 0 && last > 0 && kind !== last) changes++;
    last = kind;
  }
  return { changes: changes / Math.max(1, value.length - 1), digits, letters };
}

/** True for machine-made values: letters and digits in no human order. */
export function looksRandom(value: string, minBits = 3): boolean {
  if (value.length < 10 || entropy(value) < Math.min(minBits, Math.log2(value.length) * 0.75)) {
    return false;
  }
  const { changes, digits, letters } = restlessness(value);
  if (letters === 0) return false;
  if (digits === 0) return value.length >= 16 && changes >= 0.38 && !/[-_. ]/.test(value);
  if (isWordList(value)) return false;
  return changes >= 0.18 || (value.length >= 20 && digits >= 3 && changes >= 0.12);
}

const CAMEL_WORDS = /^(?:[A-Z]?[a-z]+(?:[A-Z][a-z]+)*|[A-Z]+)\d{0,4}$/;
/** What names of things in code end in. */
const CODE_NAME =
  /(?:Schema|Field|Input|Value|Type|Param|Args?|Hash|Url|Name|String|Validator|Policy|Hasher|Encoder|Service|Provider|Manager|Helper|Util)$/;

/** True for `my-app-2`, `us-east-1`, `v1.2.3`, `snake_case_name`: words and small numbers. */
export function isWordList(value: string): boolean {
  const parts = value.split(/[-_./:@+ ]/);
  if (parts.length < 2) {
    return CAMEL_WORDS.test(value);
  }
  return parts.every((part) =>
    /^(?:[A-Z]?[a-z]*|[A-Z]+|v?\d{1,4}|[a-z]+\d{1,2})$/.test(part) && part.length <= 16
  );
}

/** True when digits and letters both occur, or both letter cases: what fixed forms of weak marks must show. */
export function isMixed(value: string): boolean {
  let digits = 0;
  let lower = 0;
  let upper = 0;
  for (let i = 0; i < value.length; i++) {
    const kind = kindOf(value.charCodeAt(i));
    if (kind === 1) digits++;
    else if (kind === 2) lower++;
    else if (kind === 3) upper++;
  }
  const letters = lower + upper;
  return digits >= 1 && letters >= 1 && !isWordList(value) &&
    (digits >= 2 || Math.min(lower, upper) >= 2) && entropy(value) >= 2.5;
}

/** An expression of code: `user.password`, `getpass(`, `args[1]`, `a->b`. */
const EXPRESSION = /^[A-Za-z_$][\w$]*(?:(?:\.[A-Za-z_$][\w$]*)+(?:[[(;]|$|->|::)|[[(]|->|::)/;

/** True for a value without quotes that is code: a call, a member, an element. */
export function isExpression(value: string): boolean {
  return EXPRESSION.test(value) || /^[[(]|\w\(/.test(value);
}

/** True for text people type as a password: not a word, a name, a path or an expression of code. */
export function looksLikePassword(value: string, quoted: boolean): boolean {
  if (value.length < 5 || value.length > 256 || /\s/.test(value)) return false;
  if (!quoted && (isExpression(value) || CODE_NAME.test(value))) return false;
  if (!quoted && /[()]/.test(value) && /^[\w.$]+\(/.test(value)) return false;
  const { changes, digits, letters } = restlessness(value);
  const marks = value.length - digits - letters;
  if (digits > 0 && letters === 0 && marks === 0) return value.length >= 6;
  if (digits > 0) return true;
  if (/[^\w.\-/:,;()[\]{}<>'" ]/.test(value) && letters > 0 && quoted) {
    return marks <= value.length / 2;
  }
  if (/[!@#$%^&*+=?~]/.test(value) && letters >= 3) return !/^[\w.]+[!=]=/.test(value);
  if (/^[a-z]{14,}$/.test(value)) return quoted;
  return changes >= 0.3 && value.length >= 8 && !CAMEL_WORDS.test(value) &&
    isAlnum(value.charCodeAt(0));
}
