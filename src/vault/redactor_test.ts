import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AppError } from "../kernel/errors.ts";
import { createRedactor, type NamedSecret, type Redactor } from "./redactor.ts";
import { SecretBytes } from "./secret_bytes.ts";

const TOKEN = "ghp_R7w+Zk/93q\"Lx'2vT&<bN8é5d==";
const PLAIN = "sk-live-4Jd82hGq01LmXz";

function secret(name: string, text: string): NamedSecret {
  return { name, value: new SecretBytes(new TextEncoder().encode(text)) };
}

/** Ways a tool may write what it was given; made here apart from the code that looks for them. */
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  raw: (text) => text,
  base64: (text) => Buffer.from(text).toString("base64"),
  "base64 behind one byte": (text) => Buffer.from(`u${text}:end`).toString("base64"),
  "base64 behind two bytes": (text) => Buffer.from(`u:${text}@`).toString("base64"),
  base64url: (text) => Buffer.from(`user:${text}`).toString("base64url"),
  "base64 in lines": (text) =>
    Buffer.from(text).toString("base64").replace(/.{19}/g, (line) => `${line}\r\n`),
  hex: (text) => Buffer.from(text).toString("hex"),
  "hex, upper case": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "percent encoding": encodeURIComponent,
  "percent encoding of every byte": (text) =>
    Buffer.from(text).toString("hex").replace(/../g, (pair) => `%${pair}`),
  JSON: (text) => JSON.stringify([text]),
  "JSON in JSON": (text) => JSON.stringify(JSON.stringify([text])),
  "JSON of ASCII": (text) =>
    JSON.stringify(text).replace(
      /[^ -~]/g,
      (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  reversed: (text) => [...text].reverse().join(""),
  HTML: (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;"),
  "groups of four": (text) => (text.match(/.{1,4}/g) ?? []).join(" "),
  "hex in groups": (text) =>
    Buffer.from(text).toString("hex").replace(/.{4}/g, "$& ").replace(/.{40}/g, "$&\n"),
  "broken lines": (text) => `${text.slice(0, 9)}\n${text.slice(9)}`,
};

/** Every stretch of eight characters of what must not be seen. */
function windows(encoded: string): string[] {
  const all: string[] = [];
  for (let at = 0; at + 8 <= encoded.length; at++) all.push(encoded.slice(at, at + 8));
  return all;
}

function assertHidden(output: string, encoded: string, about: string): void {
  assert.match(output, /\[redacted:/, about);
  const shown = windows(encoded).filter((part) => output.includes(part));
  // The bytes before the value are no secret, but stand in the same base64.
  assert.ok(shown.length <= 2, `${about} shows ${JSON.stringify(shown)} in ${output}`);
}

function inChunks(
  redactor: Redactor,
  text: string,
  size: number,
): { text: string; names: string[] } {
  const bytes = new TextEncoder().encode(text);
  const stream = redactor.stream();
  const names = new Set<string>();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const piece = stream.push(bytes.subarray(at, at + size));
    parts.push(Uint8Array.from(piece.value));
    piece.names.forEach((name) => names.add(name));
  }
  const rest = stream.end();
  rest.names.forEach((name) => names.add(name));
  return { text: Buffer.concat([...parts, rest.value]).toString(), names: [...names] };
}

/** Where a value can come back, each as a text on its way. */
const CHANNELS: Readonly<Record<string, (leak: string) => string>> = {
  result: (leak) =>
    JSON.stringify({ result: { content: [{ type: "text", text: `a ${leak} z` }] } }),
  "error text": (leak) =>
    JSON.stringify({ error: { code: -1, message: `failed: ${leak}`, data: { [leak]: 1 } } }),
  stderr: (leak) => `2026-11-24 warn: token is ${leak}\nnext line ${leak}`,
};

for (const [encoding, encode] of Object.entries(ENCODINGS)) {
  Deno.test(`a value in ${encoding} leaves through no channel, however it is cut`, () => {
    const redactor = createRedactor([secret("GITHUB_TOKEN", TOKEN), secret("KEY", PLAIN)]);
    for (const value of [TOKEN, PLAIN]) {
      const leak = encode(value);
      for (const [channel, make] of Object.entries(CHANNELS)) {
        const about = `${encoding} in ${channel}`;
        const wire = make(leak);
        if (channel !== "stderr") {
          const { value: message } = redactor.redactJson(JSON.parse(wire));
          assertHidden(JSON.stringify(message), JSON.stringify(leak).slice(1, -1), about);
        }
        const whole = redactor.redactText(make(leak));
        if (channel === "stderr") assertHidden(whole.value, leak, about);
        for (const size of [1, 7, 4096]) {
          const cut = inChunks(redactor, wire, size);
          assert.equal(cut.text, whole.value, `${about} in pieces of ${size}`);
          assert.deepEqual(cut.names.sort(), [...whole.names]);
        }
      }
    }
  });
}

Deno.test("what stands around a value stays as it is", () => {
  const redactor = createRedactor([secret("A", PLAIN)]);
  assert.deepEqual(redactor.redactText(`key=${PLAIN}; é ${PLAIN}${PLAIN}.`), {
    value: "key=[redacted:A]; é [redacted:A][redacted:A].",
    names: ["A"],
  });
  assert.deepEqual(redactor.redactText(Buffer.from(PLAIN).toString("base64")), {
    value: "[redacted:A]",
    names: ["A"],
  });
});

Deno.test("each value is named; values that overlap, or are the same, are named together", () => {
  const redactor = createRedactor([
    secret("A", "0123456789"),
    secret("B", "56789abcde"),
    secret("C", "0123456789"),
    secret("D", "elsewhere!"),
  ]);
  assert.deepEqual(redactor.redactText("x0123456789abcdey elsewhere!"), {
    value: "x[redacted:A,B,C]y [redacted:D]",
    names: ["A", "B", "C", "D"],
  });
});

Deno.test("a JSON value is redacted in keys, texts and numbers, and is the same object otherwise", () => {
  const redactor = createRedactor([secret("PIN", "8412093377")]);
  const clean = { a: [1, "two", { b: null, c: true }], d: 841209337 };
  assert.equal(redactor.redactJson(clean).value, clean);
  assert.deepEqual(redactor.redactJson({ n: 8412093377, "8412093377": ["x8412093377"], keep: 1 }), {
    value: { n: "[redacted:PIN]", "[redacted:PIN]": ["x[redacted:PIN]"], keep: 1 },
    names: ["PIN"],
  });
  const own = redactor.redactJson(JSON.parse('{"__proto__": "8412093377"}')).value;
  assert.equal(JSON.stringify(own), '{"__proto__":"[redacted:PIN]"}');
});

Deno.test("a message full of values is redacted too, beyond some texts each as a whole", () => {
  const redactor = createRedactor([secret("A", PLAIN), secret("B", "00000000")]);
  const many = Array(1500).fill(`x ${PLAIN} y`);
  const { value, names } = redactor.redactJson({ many, last: "clean" });
  assert.deepEqual(names, ["A"]);
  const { many: redacted, last } = value as { many: string[]; last: string };
  assert.equal(last, "clean");
  assert.deepEqual([redacted[0], redacted.at(-1)], ["x [redacted:A] y", "[redacted:A]"]);
  assert.equal(redacted.some((text) => text.includes(PLAIN)), false);
  // A value that overlaps with itself is one stretch, however long.
  assert.equal(redactor.redactText(`a${"0".repeat(300_000)}z`).value, "a[redacted:B]z");
});

Deno.test("a value nested too deep is refused, not passed over", () => {
  const redactor = createRedactor([secret("A", PLAIN)]);
  const deep = JSON.parse("[".repeat(5000) + `"${PLAIN}"` + "]".repeat(5000));
  assert.throws(
    () => redactor.redactJson(deep),
    (error) => error instanceof AppError && error.code === "invalid",
  );
});

Deno.test("values below eight bytes are not looked for, and that is said", () => {
  const redactor = createRedactor([
    secret("SHORT", "hunter2"),
    secret("LONG", "hunter22"),
    secret("BREAKS", "\n".repeat(20)),
    secret("FEW", `a${"\n".repeat(20)}`),
  ]);
  assert.deepEqual(redactor.unwatched, ["SHORT", "BREAKS", "FEW"]);
  assert.equal(redactor.redactText("a\n\nb").value, "a\n\nb");
  assert.equal(redactor.redactText("hunter2 or hunter22").value, "hunter2 or [redacted:LONG]");
});

Deno.test("the lines of a private key are found one by one, its frame is not", () => {
  const body = Array.from(
    { length: 3 },
    () => Buffer.from(crypto.getRandomValues(new Uint8Array(48))),
  );
  const lines = body.map((bytes) => bytes.toString("base64"));
  const key = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----`;
  const redactor = createRedactor([secret("KEY", key)]);
  assert.equal(redactor.redactText(`see ${lines[1]}`).value, "see [redacted:KEY]");
  assert.equal(redactor.redactText(key.replaceAll("\n", "\r\n")).value, "[redacted:KEY]");
  const frame = "a file with -----BEGIN PRIVATE KEY----- and -----END PRIVATE KEY-----";
  assert.equal(redactor.redactText(frame).value, frame);
});

Deno.test("ordinary text is never changed", async () => {
  const redactor = createRedactor([
    secret("A", TOKEN),
    secret("B", PLAIN),
    secret("C", "p4ssw0rd-of-prod"),
  ]);
  const files = ["README.md", "deno.json", "deno.lock", "src/vault/redactor.ts"];
  for (const file of files) {
    const text = await Deno.readTextFile(new URL(`../../${file}`, import.meta.url));
    assert.deepEqual(redactor.redactText(text), { value: text, names: [] });
    assert.equal(inChunks(redactor, text, 4096).text, text);
  }
});

Deno.test("nothing is held back but the beginning of a value, and line breaks do not pile up", () => {
  const redactor = createRedactor([secret("A", PLAIN)]);
  const stream = redactor.stream();
  const push = (text: string): string =>
    new TextDecoder().decode(stream.push(new TextEncoder().encode(text)).value);
  assert.equal(push("hello "), "hello ");
  assert.equal(push(PLAIN.slice(0, 5)), "");
  assert.equal(push("no"), `${PLAIN.slice(0, 5)}no`);
  assert.equal(push(PLAIN.slice(0, 5)), "");
  assert.equal(push("\n".repeat(1000)), PLAIN.slice(0, 5) + "\n".repeat(1000));
  assert.equal(new TextDecoder().decode(stream.end().value), "");
});

Deno.test("where bytes are left out, the beginning of a value is taken for it", () => {
  const redactor = createRedactor([secret("A", PLAIN)]);
  const cut = (text: string): string => {
    const stream = redactor.stream();
    const head = stream.push(new TextEncoder().encode(text));
    const shown = Buffer.concat([Uint8Array.from(head.value), stream.cut().value]).toString();
    assert.equal(new TextDecoder().decode(stream.push(Buffer.from("next ")).value), "next ");
    return shown;
  };
  assert.equal(cut(`key ${PLAIN.slice(0, -1)}`), "key [redacted:A]");
  assert.equal(cut(`key ${PLAIN.slice(0, 8)}`), "key [redacted:A]");
  assert.equal(cut(`key ${PLAIN.slice(0, 7)}`), `key ${PLAIN.slice(0, 7)}`);
  assert.equal(cut(`key ${PLAIN}`), "key [redacted:A]");
  assert.equal(cut("nothing"), "nothing");
});

Deno.test("after wipe() a redactor has forgotten the values", () => {
  const redactor = createRedactor([secret("A", PLAIN)]);
  redactor.wipe();
  assert.equal(redactor.redactText(PLAIN).value, PLAIN);
});
