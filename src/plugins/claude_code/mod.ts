/**
 * Claude Code's hook contract, as bodies: what a hook call asks for, and how an answer has to look.
 * Pure; the HTTP endpoint, the decision and the audit are elsewhere.
 *
 * Facts, found with the client itself (2.1.330; `tests/e2e/claude_code_test.ts` repeats the main ones):
 * - HTTP hooks run on every event but SessionStart and Setup, which skip them silently. Redirects are
 *   not followed; link-local and metadata addresses are refused; loopback and private ones are not.
 * - Only a 2xx answer with a valid JSON body counts. Any other status (a deny in its body or not), a
 *   time-out, a refused connection, invalid JSON or a wrong `hookEventName` lets the action go ahead,
 *   unless the hook is configured with `onFailure: "block"`: then it blocks PreToolUse,
 *   PermissionRequest and UserPromptSubmit. An empty body counts as `{}` even then.
 * - PreToolUse: `allow` skips the client's own permission prompt, though not its deny rules; `deny`
 *   gives the model the reason as a failed tool result; `ask` refuses where nobody can be asked;
 *   `defer` ends a non-interactive run; without a decision the client's own rules apply.
 * - UserPromptSubmit takes `decision: "block"`; the prompt then never reaches the model. Slash commands
 *   come through it too, before they are expanded.
 * - PermissionRequest takes only `decision: {behavior}` in its own part and ignores `decision: "block"`.
 *   It carries no `tool_use_id`.
 * - PostToolUse: `decision: "block"` tells the model, who still sees the output, unless
 *   `updatedToolOutput` replaces it in the tool's own shape. `continue: false` ends the turn first.
 *   The output of a failed call (PostToolUseFailure) cannot be kept from the model.
 * - Calls of unknown tools or with arguments that do not fit are refused without any hook.
 */
export { readHookAnswer } from "./answer.ts";
export { kindOf as hookKindOf } from "./event.ts";
export { type HookEvent, type HookKind, type HookOutcome, type HookParse } from "./event.ts";
export { type HookRefusal, type HookSurface } from "./event.ts";
export { type FoundHook, type HookEndpoint, listHooks } from "./found_hooks.ts";
export { findHookProblems, type HookProblem } from "./hook_problems.ts";
export { type HookChange, type MergedHooks, mergeHookSettings } from "./merge.ts";
export { parseHook, targetOfTool } from "./parse.ts";
export { type HookAnswer, hookResponse, type HookResponseOptions } from "./response.ts";
export {
  claudeHookSettings,
  GOVERN_PATH,
  type HookGroup,
  type HookSettings,
  type HookTarget,
  type HookToken,
  type HttpHook,
  TRACK_PATH,
} from "./settings.ts";
