import assert from "node:assert/strict";
import { createOut, type OutHandle, ReaderGone } from "./out.ts";

interface Captured {
  readonly out: OutHandle;
  stdout(): string;
  stderr(): string;
}

function capture(options: { json?: boolean; quiet?: boolean; reads?: boolean } = {}): Captured {
  const { json = false, quiet = false, reads = true } = options;
  const texts = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({
    isTerminal: false,
    columns: undefined,
    write(text: string) {
      texts[name] += text;
      return reads;
    },
  });
  const out = createOut({
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    json,
    quiet,
    color: true,
  });
  return { out, stdout: () => texts.stdout, stderr: () => texts.stderr };
}

Deno.test("an empty table is an empty list for scripts and a note for people", () => {
  const spec = {
    kind: "x.list",
    columns: ["id"],
    rows: [] as { id: string }[],
    empty: "No x.",
  } as const;
  const json = capture({ json: true });
  json.out.table({ ...spec, columns: ["id"] });
  assert.deepEqual(JSON.parse(json.stdout()), { data: [], kind: "x.list" });
  const people = capture();
  people.out.table({ ...spec, columns: ["id"] });
  assert.deepEqual([people.stdout(), people.stderr()], ["", "No x.\n"]);
  const quiet = capture({ quiet: true });
  quiet.out.table({ ...spec, columns: ["id"] });
  assert.deepEqual([quiet.stdout(), quiet.stderr()], ["", ""]);
});

Deno.test("a second document is refused, and no error document follows the first", () => {
  const { out, stdout } = capture({ json: true });
  out.card({ kind: "x", data: { a: 1n } });
  assert.throws(() => out.card({ kind: "y", data: {} }), /second document/);
  out.errorDocument({ code: "internal", message: "late" });
  assert.deepEqual(JSON.parse(stdout()), { data: { a: 1 }, kind: "x" });
});

Deno.test("a stream is one envelope a line, and ends when its reader is gone", () => {
  const { out, stdout } = capture({ json: true });
  const stream = out.stream<{ n: number }>({ kind: "x", line: ({ n }) => `#${n}` });
  stream.write({ n: 1 });
  stream.write({ n: 2 });
  assert.deepEqual(stdout().trimEnd().split("\n").map((line) => JSON.parse(line).data.n), [1, 2]);
  const gone = capture({ reads: false }).out.stream<number>({ kind: "x", line: String });
  assert.throws(() => gone.write(1), ReaderGone);
});
