import { isObject, read } from "./fields.ts";
import type { HookAnswer } from "./response.ts";

/** What a client understands of the body that a hook answers with, whatever the event. */
export function readHookAnswer(body: unknown): HookAnswer {
  if (!isObject(body)) return { outcome: "allow", reason: "" };
  const specific = read(body, "hookSpecificOutput");
  if (isObject(specific)) {
    if (read(specific, "permissionDecision") === "deny") {
      return denied(read(specific, "permissionDecisionReason"));
    }
    const decision = read(specific, "decision");
    if (isObject(decision) && read(decision, "behavior") === "deny") {
      return denied(read(decision, "message"));
    }
  }
  if (read(body, "decision") === "block") return denied(read(body, "reason"));
  if (read(body, "continue") === false) return denied(read(body, "stopReason"));
  return { outcome: "allow", reason: "" };
}

function denied(reason: unknown): HookAnswer {
  return { outcome: "deny", reason: typeof reason === "string" ? reason : "" };
}
