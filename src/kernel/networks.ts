import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An IP address or a range of them. */
export interface Network {
  /** Its one canonical spelling, e.g. `10.0.0.0/8`; a single address has no length. */
  readonly text: string;
  contains(address: Address): boolean;
}

/** The canonical spelling of an IP address: IPv4 inside IPv6 is IPv4. undefined: it is none. */
export function findAddress(text: string): string | undefined {
  return readAddress(text)?.toString();
}

/** The network that `text` names: an address, or one with the length of its prefix. undefined: none. */
export function findNetwork(text: string): Network | undefined {
  const [host = "", length, ...more] = text.split("/");
  const address = readAddress(host);
  if (!address || more.length > 0) return undefined;
  const most = address.kind() === "ipv4" ? 32 : 128;
  const bits = length === undefined ? most : prefixOf(host, length, most);
  return bits === undefined ? undefined : networkOf(address, bits, most);
}

/** Values by network. What an address was found in is remembered: the same ones come again and again. */
export class Networks<T> {
  readonly #entries: readonly (readonly [Network, T])[];
  readonly #known = new Map<string, readonly T[]>();

  constructor(entries: readonly (readonly [Network, T])[]) {
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The values of all networks that hold the address; none for what is no address. */
  at(text: string): readonly T[] {
    const known = this.#known.get(text);
    if (known) return known;
    const address = readAddress(text);
    const found = this.#entries.filter(([network]) => address && network.contains(address))
      .map(([, value]) => value);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(text, found);
    return found;
  }
}

const MAX_KNOWN = 10_000;

function readAddress(text: string): Address | undefined {
  // The library alone would also take "010.1" and "0x7f000001", which others read differently.
  return isIP(text) === 0 ? undefined : ipaddr.process(text.replace(/%.*$/, ""));
}

/** Bits of the prefix; those of IPv4 inside IPv6 count from the beginning of the IPv4 address. */
function prefixOf(host: string, length: string, most: number): number | undefined {
  if (!/^\d{1,3}$/.test(length)) return undefined;
  const bits = Number(length) - (most === 32 && host.includes(":") ? 96 : 0);
  return bits >= 0 && bits <= most ? bits : undefined;
}

function networkOf(address: Address, bits: number, most: number): Network {
  const form = address.kind() === "ipv4" ? ipaddr.IPv4 : ipaddr.IPv6;
  const first = form.networkAddressFromCIDR(`${address}/${bits}`);
  return {
    text: bits === most ? first.toString() : `${first}/${bits}`,
    contains: (other) => other.kind() === first.kind() && other.match(first as never, bits),
  };
}
