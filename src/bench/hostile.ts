import { preToolUse } from "./payloads.ts";

/** Payloads made to cost as much as they can: each is as long as a hook's body may be. */
export interface HostileShape {
  readonly name: string;
  readonly body: (marker: string) => string;
}

/** A little less than the longest body: room for what stands around the input. */
const BYTES = 1024 * 1024 - 2048;

const TEXTS: Readonly<Record<string, string>> = {
  "twice percent-encoded": "%2541",
  "character references": "&#65;",
  "escapes of escapes": "\\u0041",
  "one letter": "A",
  "beginnings of an access key": "AKIA",
  "beginnings of a token": "ghp_",
  "headers of a private key": "PuTTY-User-Key-File-2: ",
  "addresses with a query": "https://user@host.example/path?token=abc&x=1 ",
  "words for a password": "password is ",
};

/** JSON of records that add up to so many characters. */
function records(length: number): string {
  const list: unknown[] = [];
  let size = 0;
  for (let i = 0; size < length; i++) {
    const record = { id: i.toString(16).padStart(32, "0"), name: `record ${i}`, tags: ["a", "b"] };
    list.push(record);
    size += JSON.stringify(record).length + 1;
  }
  return JSON.stringify(list);
}

/** The longest beginning of `text` whose JSON form has no more than `BYTES` characters. */
function cut(text: string): string {
  let length = Math.min(text.length, BYTES);
  while (JSON.stringify(text.slice(0, length)).length > BYTES) length = Math.floor(length * 0.98);
  return text.slice(0, length);
}

function write(name: string, content: string): HostileShape {
  const input = { file_path: "/home/dev/shop/src/big.txt", content: cut(content) };
  return { name, body: (marker) => preToolUse(marker, "Write", input) };
}

function keys(length: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Array.from({ length: Math.floor(length / 20) }, (_, i) => [`key_${i}_of_it`, i]),
  );
}

/** Everything known to cost more than ordinary text. */
export function hostileShapes(): readonly HostileShape[] {
  return [
    ...Object.entries(TEXTS).map(([name, unit]) =>
      write(name, unit.repeat(Math.ceil(BYTES / unit.length)))
    ),
    write("JSON in JSON", records(BYTES * 0.8)),
    write("JSON in JSON in JSON", JSON.stringify(records(BYTES * 0.6))),
    write("base64 of JSON", btoa(records(BYTES * 0.7))),
    { name: "keys", body: (marker) => preToolUse(marker, "Write", keys(BYTES * 0.8)) },
  ];
}
