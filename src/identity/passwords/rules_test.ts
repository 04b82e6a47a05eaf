import assert from "node:assert/strict";
import { passwordProblem } from "./rules.ts";

const ADA = { email: "ada.lovelace@example.com", name: "countess" };

Deno.test("what everybody tries first is refused", () => {
  const refused = [
    ["", "shorter"],
    ["short", "shorter"],
    ["eleven char", "shorter"],
    ["x".repeat(257), "longer"],
    ["aaaaaaaaaaaa", "repeats"],
    ["abababababab", "repeats"],
    ["1234567890123", "sequence"],
    ["abcdefghijklm", "sequence"],
    ["9876543210987", "sequence"],
    ["password12345", "common"],
    ["P@ssw0rd!2024", "common"],
    ["PasswordPassword", "common"],
    ["qwertyuiop123", "common"],
    ["letmein-letmein", "common"],
    ["Welcome2026!!", "common"],
    ["correct horse battery staple", "common"],
    ["xx ada.lovelace 9", "own name"],
    ["the-Countess-42", "own name"],
  ] as const;
  for (const [password, why] of refused) {
    assert.match(passwordProblem(password, ADA) ?? "taken", new RegExp(why), password);
  }
});

Deno.test("long ones are taken, whatever they are made of", () => {
  const taken = [
    "lamp orbit velvet",
    "nur kleine buchstaben",
    "Ünïcödé-ist-gut-so",
    "7Kq!vB2#xM9z",
    "password manager of my aunt",
    "🐎🔋🪛🎷🥨🌵🧊🪁🫖🦑🍋🚲",
    "x1".repeat(3) + " quiet river",
  ];
  for (const password of taken) assert.equal(passwordProblem(password, ADA), undefined, password);
});

Deno.test("characters are counted, not code units, and after normalising", () => {
  assert.match(passwordProblem("🐎🔋🪛🎷🥨🌵", ADA) ?? "", /shorter/);
  assert.match(passwordProblem("ﬁﬁﬁ", ADA) ?? "", /shorter/);
});

Deno.test("a name too short to matter does not forbid words", () => {
  const al = { email: "al@example.com", name: "al" };
  assert.equal(passwordProblem("also calm and walled", al), undefined);
});
