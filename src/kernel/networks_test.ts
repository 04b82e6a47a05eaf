import assert from "node:assert/strict";
import { findAddress, findNetwork, isPublicAddress, Networks } from "./networks.ts";

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

Deno.test("isPublicAddress refuses every range that is not the public Internet", () => {
  const inside = [
    ...[
      "127.0.0.1",
      "127.255.255.254",
      "0.0.0.0",
      "0.1.2.3",
      "10.0.0.1",
      "172.16.0.1",
      "172.31.9.9",
    ],
    ...[
      "192.168.1.1",
      "169.254.169.254",
      "100.64.0.1",
      "100.127.255.255",
      "192.0.0.1",
      "192.0.2.1",
    ],
    ...["198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"],
    ...["::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1"],
    ...["fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1"],
    ...["64:ff9b:1::1", "2001:db8::1", "2002:7f00:1::", "2001:0:1::1", "100::1", "4000::1"],
    ...["", "localhost", "127.1", "2130706433", "0x7f000001", "010.8.8.8", "8.8.8.8:443", "[::1]"],
  ];
  for (const address of inside) assert.equal(isPublicAddress(address), false, address);
  for (
    const address of ["8.8.8.8", "1.1.1.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450::1"]
  ) {
    assert.equal(isPublicAddress(address), true, address);
  }
});
