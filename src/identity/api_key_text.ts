import { newOpaque } from "../kernel/opaque.ts";
import { randomBytes, toHex } from "../kernel/ids.ts";

/** How every key begins: whoever finds one, people and scanners, knows what it is. */
const MARK = "spgk_";
const SHAPE = /^spgk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/;
const PREFIX_LENGTH = MARK.length + 12;

/** A new key. It is shown once; what is kept is its hash. */
export function newApiKey(): string {
  return `${MARK}${toHex(randomBytes(6))}_${newOpaque()}`;
}

/** Whether `text` has the form of a key: says nothing about whether it is one. */
export function isApiKey(text: string): boolean {
  return SHAPE.test(text);
}

/** What may be shown of a key: enough to find it, nothing that opens anything. */
export function prefixOf(key: string): string {
  return key.slice(0, PREFIX_LENGTH);
}
