import { compileGlobs, type Matcher } from "../glob.ts";
import type { Narrowing } from "./config.ts";

/** Why a target is refused: it stands in `deny`, or not in `allow`. */
export type TargetProblem = "denied" | "not_allowed";

/** Says why a call is refused, or nothing when it is not. */
export type TargetCheck = (target: string, tool: string) => TargetProblem | undefined;

/**
 * Compiles a target list. What allows is compared exactly and with the target alone; what denies is
 * compared without regard to case, with every name the call has, so that spelling gains nothing.
 */
export function compileTargets(targets: Narrowing): TargetCheck {
  const allows: Matcher = targets.allow ? compileGlobs(targets.allow) : () => true;
  const denies = compileGlobs(targets.deny, true);
  const anyDenied = targets.deny.length > 0;
  return (target, tool) => {
    if (anyDenied && namesOf(target, tool).some(denies)) return "denied";
    return allows(target) ? undefined : "not_allowed";
  };
}

/** A client's spelling of an MCP tool, `mcp__server__tool`, is the target `mcp:server/tool`. */
function namesOf(target: string, tool: string): readonly string[] {
  const names = tool === "" ? [target] : [target, tool];
  const match = /^mcp__(.+?)__(.+)$/i.exec(tool);
  return match ? [...names, `mcp:${match[1]}/${match[2]}`] : names;
}
