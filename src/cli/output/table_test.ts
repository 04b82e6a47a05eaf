import assert from "node:assert/strict";
import { renderTable } from "./table.ts";
import { widthOf } from "./width.ts";

const WIDE = { columns: undefined, color: false };

Deno.test("renderTable() aligns numbers right and counts what a terminal shows", () => {
  const rows = [{ name: "日本", count: 7 }, { name: "é\u0301", count: 1000 }];
  assert.deepEqual(renderTable(["name", "count"], rows, WIDE), [
    "NAME  COUNT",
    "日本      7",
    "é\u0301      1000",
  ]);
});

Deno.test("renderTable() cuts the widest columns to the terminal, but never an id", () => {
  const id = "0198c0de-0000-7000-8000-000000000001";
  const rows = [{ id, reason: "a very long reason that does not fit on the line" }];
  const lines = renderTable(["id", "reason"], rows, { columns: 60, color: false });
  assert.ok(lines.every((line) => widthOf(line) <= 60));
  assert.ok(lines[1]?.startsWith(id));
  assert.ok(lines[1]?.endsWith("…"));
  assert.ok(renderTable(["id", "reason"], rows, WIDE)[1]?.endsWith("on the line"));
});

Deno.test("renderTable() lets no control character through", () => {
  const [, line] = renderTable(["text"], [{ text: "a\x1b[31mb\nc\u202ed" }], WIDE);
  assert.equal(line, "a\\u001b[31mb\\nc\\u202ed");
});
