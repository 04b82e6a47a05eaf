import { AppError } from "../../../kernel/errors.ts";
import { hookKindOf } from "../../../plugins/mod.ts";
import type { CliContext } from "../../context.ts";
import { parseJsonInput } from "../../admin/governance/input.ts";

export interface PayloadFlags {
  readonly tool?: string;
  readonly input?: string;
  readonly prompt?: string;
  readonly agent?: string;
}

/** A payload as the client would send it for `event`. */
export async function buildPayload(
  context: CliContext,
  event: string,
  flags: PayloadFlags,
): Promise<Readonly<Record<string, unknown>>> {
  const kind = hookKindOf(event);
  if (flags.prompt !== undefined && kind !== "prompt") {
    throw new AppError("usage", "--prompt goes with UserPromptSubmit");
  }
  const input = await readJson(context, flags.input);
  return {
    hook_event_name: event,
    session_id: crypto.randomUUID(),
    cwd: context.cwd,
    ...flags.agent === undefined ? {} : { agent_id: crypto.randomUUID(), agent_type: flags.agent },
    ...fieldsOf(event, kind, flags, input),
  };
}

function fieldsOf(
  event: string,
  kind: ReturnType<typeof hookKindOf>,
  { tool = "Bash", prompt }: PayloadFlags,
  input: unknown,
): Readonly<Record<string, unknown>> {
  const call = { tool_name: tool, tool_use_id: `toolu_${crypto.randomUUID()}` };
  switch (kind) {
    case "tool":
      return { ...call, tool_input: input ?? {} };
    case "permission":
      return { tool_name: tool, tool_input: input ?? {} };
    case "prompt":
      return { prompt: prompt ?? (typeof input === "string" ? input : "") };
    case "outcome":
      return event === "PostToolUseFailure"
        ? { ...call, tool_input: {}, error: typeof input === "string" ? input : "failed" }
        : { ...call, tool_input: {}, tool_response: input ?? {} };
    default:
      return typeof input === "object" && input !== null ? { ...input } : {};
  }
}

async function readJson(context: CliContext, text: string | undefined): Promise<unknown> {
  if (text === undefined) return undefined;
  if (text === "-") return parseJsonInput(await context.readStdin(), "-");
  return parseJsonInput(text, "--input");
}
