import { hash } from "node:crypto";
import { AppError } from "../../kernel/errors.ts";

/** Change by mere use: they are no part of what somebody edits. */
const VOLATILE = new Set(["last_used_at", "last_address"]);

/** Names the state of a representation (RFC 9110 §8.8.3), a strong tag. */
export function etagOf(data: unknown): string {
  const text = JSON.stringify(data, (key, value) => VOLATILE.has(key) ? undefined : value);
  return `"${hash("sha256", text, "base64url").slice(0, 22)}"`;
}

/** Whether `If-None-Match` names this state. */
export function isKnown(header: string | undefined, etag: string): boolean {
  return header !== undefined &&
    tagsOf(header).some((tag) => tag === "*" || tag === etag || tag === `W/${etag}`);
}

/** Throws `precondition_failed` where `If-Match` is there and names another state; weak tags name none. */
export function checkMatch(header: string | undefined, current: unknown): void {
  if (header === undefined) return;
  const etag = etagOf(current);
  if (tagsOf(header).some((tag) => tag === "*" || tag === etag)) return;
  throw new AppError("precondition_failed", "It was changed meanwhile: read it again", {
    details: { etag },
  });
}

function tagsOf(header: string): readonly string[] {
  return header.split(",").map((tag) => tag.trim());
}
