import assert from "node:assert/strict";
import { hasHidden, showHidden } from "./hidden_text.ts";

for (
  const [what, text, shown] of [
    ["zero width", "de\u200blete", "de⟨U+200B⟩lete"],
    ["direction", "safe\u202e\u2066", "safe⟨U+202E⟩⟨U+2066⟩"],
    ["tags", "x\u{e0041}\u{e007f}", "x⟨U+E0041⟩⟨U+E007F⟩"],
    ["a Cyrillic letter", "r\u0435ad", "r⟨U+0435⟩ad"],
    ["a Greek letter", "\u039fpen", "⟨U+039F⟩pen"],
    ["full width", "\uff45cho", "⟨U+FF45⟩cho"],
    ["mathematics", "\u{1d41e}cho", "⟨U+1D41E⟩cho"],
    ["an odd space", "a\u00a0b\u3000c", "a⟨U+00A0⟩b⟨U+3000⟩c"],
    ["control", "a\u001b[2Jb\rc", "a⟨U+001B⟩[2Jb⟨U+000D⟩c"],
    ["a lone surrogate", "a\ud800b", "a⟨U+D800⟩b"],
    ["a variation selector", "a\ufe0fb", "a⟨U+FE0F⟩b"],
    ["a private character", "\ue000", "⟨U+E000⟩"],
    ["a slash that is none", "a\u2215b", "a⟨U+2215⟩b"],
  ] as const
) {
  Deno.test(`${what} is shown`, () => {
    assert.equal(showHidden(text), shown);
    assert.ok(hasHidden(text));
  });
}

Deno.test("plain texts are left alone", () => {
  for (const text of ["Reads a file.\n\tQuickly!", "Dateien löschen", "削除", "حذف", "➜ ✓"]) {
    assert.equal(showHidden(text), text);
    assert.ok(!hasHidden(text));
  }
});
