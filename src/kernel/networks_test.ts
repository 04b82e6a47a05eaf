import assert from "node:assert/strict";
import { findAddress, findNetwork, Networks } from "./networks.ts";

Deno.test("findAddress knows one spelling of each address, and nothing else", () => {
  const spellings: Record<string, string> = {
    "192.0.2.7": "192.0.2.7",
    "::ffff:192.0.2.7": "192.0.2.7",
    "::ffff:c000:207": "192.0.2.7",
    "2001:DB8:0:0::1": "2001:db8::1",
    "fe80::1%eth0": "fe80::1",
    "::1": "::1",
  };
  for (const [text, canonical] of Object.entries(spellings)) {
    assert.equal(findAddress(text), canonical, text);
  }
  for (
    const text of [
      "",
      "1",
      "010.1.1.1",
      "0x7f.1",
      "1.2.3",
      "1.2.3.4.5",
      "::g",
      "[::1]",
      "a.b",
      " ::1",
    ]
  ) {
    assert.equal(findAddress(text), undefined, text);
  }
});

Deno.test("findNetwork knows one spelling of each network, and nothing else", () => {
  const spellings: Record<string, string> = {
    "10.1.2.3/8": "10.0.0.0/8",
    "10.1.2.3": "10.1.2.3",
    "10.1.2.3/32": "10.1.2.3",
    "0.0.0.0/0": "0.0.0.0/0",
    "::ffff:10.1.2.3/104": "10.0.0.0/8",
    "2001:DB8:1::7/32": "2001:db8::/32",
    "2001:db8::7/128": "2001:db8::7",
  };
  for (const [text, canonical] of Object.entries(spellings)) {
    assert.equal(findNetwork(text)?.text, canonical, text);
  }
  for (
    const text of ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10/8", "::/129", "1.2.3.4/8/8", "/8"]
  ) {
    assert.equal(findNetwork(text), undefined, text);
  }
});

Deno.test("Networks finds every network of an address, in any spelling, and no other", () => {
  const networks = new Networks(
    ["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "192.0.2.7", "0.0.0.0/0"].map((text) => {
      const network = findNetwork(text);
      assert.ok(network);
      return [network, text] as const;
    }),
  );
  assert.deepEqual(networks.at("10.1.9.9"), ["10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0"]);
  assert.deepEqual(networks.at("::ffff:10.1.9.9"), networks.at("10.1.9.9"));
  assert.deepEqual(networks.at("192.0.2.8"), ["0.0.0.0/0"]);
  assert.deepEqual(networks.at("2001:db8:ffff::1"), ["2001:db8::/32"]);
  assert.deepEqual(networks.at("2001:db9::1"), []);
  assert.deepEqual(networks.at("unknown"), []);
});
