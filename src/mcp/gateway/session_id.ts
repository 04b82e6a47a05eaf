import { createHash } from "node:crypto";
import { randomBytes, toHex } from "../../kernel/ids.ts";

/** A short digest, for keys that stand in logs and rows where what they are made of must not. */
export function digestOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 24);
}

/** A new session id. It names the gateway that holds the session, so that every other one finds it. */
export function newSessionId(gateway: number): string {
  return `${gateway}.${toHex(randomBytes(24))}`;
}

/** The gateway that an id or a state names; undefined for what was not made here. */
export function gatewayOf(id: string): number | undefined {
  const match = /^(\d{1,3})\.[0-9a-f]{48}$/.exec(id);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
