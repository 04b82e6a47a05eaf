import { HAS } from "./alphabet.ts";
import { Changes, TextBuilder } from "./changes.ts";

/** A text with encodings and disguises undone, and where. */
export interface Folded {
  readonly text: string;
  readonly changes: Changes;
  readonly labels: readonly string[];
}

type Step = { readonly text: string; readonly length: number; readonly label: string } | undefined;

/** Latin letters by the Cyrillic, Greek, Armenian and other letters that look the same. */
const LOOKALIKES: ReadonlyMap<number, string> = new Map(
  [..."АAВBСCЕEНHІIЈJКKМMОOРPЅSТTХXУYаaсcеeһhіiјjоoрpѕsхxуyѵvԁdԛqԝwӏlҮYΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXαaεeιiκkνvοoρpτtυuχxϲcɑaɡgıiʟLոnսuօoℓlℎhᴏoᴀaᴄcᴇeꞵb"]
    .flatMap((char, i, all) =>
      i % 2 === 0 ? [[char.charCodeAt(0), all[i + 1] ?? ""] as const] : []
    ),
);

function isInvisible(code: number): boolean {
  return code === 0 || code === 0xad || code === 0x34f || code === 0x61c || code === 0x180e ||
    (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2064) || (code >= 0x2066 && code <= 0x206f) || code === 0xfeff ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    (code >= 0x300 && code <= 0x36f) || (code >= 0xfff9 && code <= 0xfffb);
}

function foldWide(text: string, i: number, code: number): Step {
  if (isInvisible(code)) return { text: "", length: 1, label: "invisible" };
  if (code >= 0xff01 && code <= 0xff5e) {
    return { text: String.fromCharCode(code - 0xfee0), length: 1, label: "fullwidth" };
  }
  const letter = LOOKALIKES.get(code);
  if (letter !== undefined) return { text: letter, length: 1, label: "homoglyph" };
  if (code === 0xdb40) return { text: "", length: 2, label: "invisible" };
  if (code === 0xd835) {
    return { text: text.slice(i, i + 2).normalize("NFKC"), length: 2, label: "compatibility" };
  }
  if ((code >= 0x2010 && code <= 0x2015) || code === 0x2212) {
    return { text: "-", length: 1, label: "homoglyph" };
  }
  if ((code >= 0x2460 && code <= 0x24ff) || (code >= 0x2070 && code <= 0x209c)) {
    return { text: text.charAt(i).normalize("NFKC"), length: 1, label: "compatibility" };
  }
  return undefined;
}

function hexAt(text: string, from: number, digits: number): number {
  let value = 0;
  for (let i = from; i < from + digits; i++) {
    const code = text.charCodeAt(i) | 32;
    const digit = code >= 97 && code <= 102 ? code - 87 : code >= 16 && code <= 57 ? code - 48 : -1;
    if (!(digit >= 0)) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** The step that writes each ASCII character out of `length` others. */
function asciiSteps(length: number, label: string): readonly Step[] {
  return Array.from(
    { length: 127 },
    (_, code) => code === 0 ? undefined : { text: String.fromCharCode(code), length, label },
  );
}

const PERCENT = asciiSteps(3, "url");

function foldPercent(text: string, i: number): Step {
  return PERCENT[hexAt(text, i + 1, 2)];
}

const ESCAPES: ReadonlyMap<string, Step> = new Map(
  Object.entries({
    n: "\n",
    r: "\r",
    t: "\t",
    '"': '"',
    "'": "'",
    "`": "`",
    "\\": "\\",
    "/": "/",
  }).map(([char, text]) => [char, { text, length: 2, label: "escape" }]),
);

function foldBackslash(text: string, i: number): Step {
  const char = text.charAt(i + 1);
  if (char === "u" || char === "x" || char === "U") return foldCodeEscape(text, i, char);
  if (char === "\n") return { text: "", length: 2, label: "joined" };
  if (char === "\r" && text.charAt(i + 2) === "\n") return { text: "", length: 3, label: "joined" };
  const plain = ESCAPES.get(char);
  if (plain !== undefined) return plain;
  const octal = /^[0-3][0-7]{2}/.exec(text.slice(i + 1, i + 4));
  if (octal !== null) {
    return { text: String.fromCharCode(parseInt(octal[0], 8)), length: 4, label: "escape" };
  }
  return /[A-Za-z_\-.]/.test(char) ? { text: char, length: 2, label: "escape" } : undefined;
}

const UNICODE = asciiSteps(6, "escape");

function foldCodeEscape(text: string, i: number, char: string): Step {
  if (text.charAt(i + 2) === "{") {
    const braces = /^\{([0-9a-fA-F]{1,6})\}/.exec(text.slice(i + 2, i + 10));
    const code = braces === null ? -1 : parseInt(braces[1] ?? "", 16);
    return braces !== null && code < 0x110000
      ? { text: String.fromCodePoint(code), length: 2 + braces[0].length, label: "escape" }
      : undefined;
  }
  const digits = char === "x" ? 2 : char === "u" ? 4 : 8;
  const code = hexAt(text, i + 2, digits);
  if (digits === 4 && code > 0 && code < 127) return UNICODE[code];
  if (code < 0 || code > 0x10ffff) return undefined;
  return {
    text: code === 0 ? "" : String.fromCodePoint(code),
    length: 2 + digits,
    label: "escape",
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  quot: '"',
  apos: "'",
  lt: "<",
  gt: ">",
  lowbar: "_",
  colon: ":",
  equals: "=",
  sol: "/",
  hyphen: "-",
};

function foldEntity(text: string, i: number): Step {
  const match = /^&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/i.exec(text.slice(i, i + 12));
  if (match === null) return undefined;
  const code = match[1] !== undefined ? Number(match[1]) : parseInt(match[2] ?? "-1", 16);
  const plain = match[3] !== undefined
    ? ENTITIES[match[3].toLowerCase()]
    : code > 0 && code < 0x110000
    ? String.fromCodePoint(code)
    : undefined;
  return plain === undefined ? undefined : { text: plain, length: match[0].length, label: "html" };
}

function stepAt(text: string, i: number, code: number): Step {
  if (code > 127) return foldWide(text, i, code);
  if (code === 37) return foldPercent(text, i);
  if (code === 92) return foldBackslash(text, i);
  if (code === 38) return foldEntity(text, i);
  return code === 0 ? { text: "", length: 1, label: "invisible" } : undefined;
}

/** Flags that make folding worth trying. */
export const FOLDABLE = HAS.percent | HAS.backslash | HAS.ampersand | HAS.nul | HAS.wide;

/** Codes at which folding may have something to do. */
const FOLDS: Uint8Array = foldTable();

function foldTable(): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (let code = 128; code < 0x10000; code++) {
    const wide = (code >= 0xff01 && code <= 0xff5e) || (code >= 0x2010 && code <= 0x2015) ||
      (code >= 0x2460 && code <= 0x24ff) || (code >= 0x2070 && code <= 0x209c);
    if (wide || isInvisible(code) || LOOKALIKES.has(code)) table[code] = 1;
  }
  for (const code of [0, 37, 38, 92, 0x2212, 0xd835, 0xdb40]) table[code] = 1;
  return table;
}

/** More changes than this in one text are no accident; the caller gives up. */
export const MAX_CHANGES = 300_000;

/** Undoes one layer of escapes and disguises; undefined when there is nothing to undo. */
export function fold(text: string): Folded | undefined {
  const changes = new Changes();
  const labels = new Set<string>();
  const out = new TextBuilder();
  let copied = 0;
  for (let i = 0; i < text.length && changes.length <= MAX_CHANGES; i++) {
    const code = text.charCodeAt(i);
    if (FOLDS[code] === 0) continue;
    const step = stepAt(text, i, code);
    if (step === undefined) continue;
    if (i > copied) out.add(text, copied, i);
    changes.add(out.length, step.text.length, i, step.length);
    out.add(step.text);
    if (changes.length < 4096) labels.add(step.label);
    copied = i + step.length;
    i = copied - 1;
  }
  if (changes.length === 0) return undefined;
  out.add(text, copied);
  return { text: out.toString(), changes, labels: [...labels] };
}
