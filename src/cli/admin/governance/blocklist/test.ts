import { compileRules } from "../../../../governance/mod.ts";
import { AppError } from "../../../../kernel/errors.ts";
import type { CliContext } from "../../../context.ts";
import { EXIT } from "../../../exit.ts";
import { getConfiguration } from "../../config/load.ts";
import { parseJsonInput, readInput } from "../input.ts";
import { runStage } from "../dry_run.ts";
import { assumeCall, type AssumedCaller } from "../payload.ts";

interface Flags extends Omit<AssumedCaller, "user"> {
  readonly shell?: string;
  readonly tool?: string;
}

export default async function test(
  this: CliContext,
  flags: Flags,
  file: string | undefined,
): Promise<void> {
  const payload = await payloadOf(this, flags, file);
  const { governance, revision } = await getConfiguration(this);
  // No secret is looked for here, so nothing is ever fingerprinted.
  const rules = await compileRules(governance, revision, new Uint8Array(32));
  const assumed = assumeCall(payload, { ...flags, user: "operator" });
  if (assumed.caller.failure) throw new AppError("invalid", assumed.caller.failure.reason);
  const { denial } = runStage(rules, "blocklist", assumed);
  const { event, target } = assumed.request;
  this.out.card({
    kind: "governance.blocklist.test",
    data: {
      blocked: denial !== undefined,
      rule: denial ? `blocklist.${denial.rule}` : null,
      reason: denial?.reason ?? null,
      event,
      target,
      revision,
    },
  });
  if (denial) this.setExit(EXIT.denied);
}

async function payloadOf(
  context: CliContext,
  { shell, tool }: Flags,
  file: string | undefined,
): Promise<unknown> {
  if (shell === undefined && tool === undefined) {
    return parseJsonInput(await readInput(context, file), file);
  }
  if (file !== undefined) {
    throw new AppError("usage", "Expected either a file or --shell and --tool, not both");
  }
  return {
    hook_event_name: "PreToolUse",
    tool_name: tool ?? "Bash",
    tool_input: shell === undefined ? {} : { command: shell },
  };
}
