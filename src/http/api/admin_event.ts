import type { EventInput } from "../../audit/mod.ts";
import type { Actor } from "../../identity/mod.ts";

/** A row about what somebody did through the API, before it has an id and a time. */
export function adminEvent(
  { keyScopes: _, ...actor }: Actor,
  target: string,
  detail: Readonly<Record<string, unknown>>,
): EventInput {
  return { ...actor, kind: "admin", target, decision: "ok", detail };
}
