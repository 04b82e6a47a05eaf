import { BlockList, isIP } from "node:net";

/** Ranges of IPv4 that are not the public Internet (IANA's special-purpose registry, multicast, reserved). */
const NOT_PUBLIC_4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"],
  ...["192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4"],
];
/** All of IPv6 that is given out to networks so far, and what of it is set apart. */
const GIVEN_OUT_6 = ["2000::/3"];
const NOT_PUBLIC_6 = ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"];

const notPublic4 = listOf(NOT_PUBLIC_4, "ipv4");
const givenOut6 = listOf(GIVEN_OUT_6, "ipv6");
const notPublic6 = listOf(NOT_PUBLIC_6, "ipv6");

/**
 * Whether the text is an address in the public Internet, written in the one form that everybody reads alike:
 * not of this host, a private network, a carrier, a link or a translator, and reserved for nothing else.
 */
export function isPublicAddress(text: string): boolean {
  switch (isIP(text)) {
    case 4:
      return !notPublic4.check(text, "ipv4");
    case 6:
      return !text.includes("%") && givenOut6.check(text, "ipv6") &&
        !notPublic6.check(text, "ipv6");
    default:
      return false;
  }
}

function listOf(ranges: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", length] = range.split("/");
    list.addSubnet(network, Number(length), family);
  }
  return list;
}
