import { parseText } from "../../parse.ts";
import { TIERS } from "../../../kernel/tiers.ts";

/** An optional flag that takes a text. */
export function nameFlag(placeholder: string, brief: string): {
  readonly kind: "parsed";
  readonly parse: (text: string) => string;
  readonly optional: true;
  readonly placeholder: string;
  readonly brief: string;
} {
  return { kind: "parsed", parse: parseText, optional: true, placeholder, brief };
}

/** Who is assumed to call, where no token says it. */
export const ASSUMED = {
  role: { kind: "enum", values: TIERS, default: "user", brief: "Role of the caller's token" },
  agent: nameFlag("NAME", "Agent that calls; the one that the payload names unless given"),
  department: nameFlag("NAME", "Department of the caller"),
  plugin: nameFlag("ID", "Plugin that the hook belongs to"),
} as const;

export const INPUT_FILE = {
  kind: "tuple",
  parameters: [{
    parse: parseText,
    placeholder: "file",
    optional: true,
    brief: 'A file, or "-" for standard input (default)',
  }],
} as const;
