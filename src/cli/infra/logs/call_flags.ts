import { PERIOD, type PeriodFlags } from "../../flags.ts";
import { parseText } from "../../parse.ts";

interface TextFlag {
  readonly kind: "parsed";
  readonly parse: (text: string) => string;
  readonly optional: true;
  readonly placeholder: string;
  readonly brief: string;
}

/** A flag that takes any text but the empty one. */
export function textFlag(placeholder: string, brief: string): TextFlag {
  return { kind: "parsed", parse: parseText, optional: true, placeholder, brief };
}

/** Which calls a list shows. */
export interface CallFlags extends PeriodFlags {
  readonly user?: string;
  readonly session?: string;
  readonly tool?: string;
  readonly agent?: string;
}

export const CALLS = {
  ...PERIOD,
  user: textFlag("ID", "Of this user"),
  session: textFlag("ID", "Of this session"),
  tool: textFlag("NAME", "Of this tool or model: `Bash`, `tool:Bash`"),
  agent: textFlag("NAME", "Of this agent"),
} as const;
