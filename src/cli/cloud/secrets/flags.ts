import { parseDuration, systemClock } from "../../../kernel/clock.ts";
import { AppError } from "../../../kernel/errors.ts";
import { isSecretName } from "../../../vault/mod.ts";
import { parseLength, parseMoment, parseText } from "../../parse.ts";

/** The name of a secret. What is none is not repeated: it may be the value, or `NAME=value`. */
export function parseSecretName(text: string): string {
  if (isSecretName(text)) return text;
  throw new AppError(
    "usage",
    "expected a name alone, of letters, digits, `_`, `.` and `-`; the value is never an argument",
  );
}

export const NAME = {
  kind: "tuple",
  parameters: [{ parse: parseSecretName, placeholder: "name", brief: "Name of the secret" }],
} as const;

/** A moment to come: `90d` from now, a date, or `never`. */
export function parseExpiry(text: string): Date | "never" {
  if (text === "never") return text;
  const ahead = parseDuration(text);
  const moment = ahead === undefined ? parseMoment(text) : new Date(systemClock.now() + ahead);
  if (moment.getTime() > systemClock.now()) return moment;
  throw new AppError("usage", `Cannot use ${JSON.stringify(text)}: that is over already`);
}

export interface OwnerFlags {
  readonly user?: string;
  readonly department?: string;
}

export const OWNER = {
  user: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "USER",
    brief: "That of one user: id, email or name",
  },
  department: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "NAME",
    brief: "That of one department",
  },
} as const;

export interface TermFlags {
  readonly server?: readonly string[];
  readonly expires?: Date | "never";
}

export const TERMS = {
  server: {
    kind: "parsed",
    parse: parseText,
    variadic: ",",
    optional: true,
    placeholder: "NAME",
    brief: "MCP server that may get it; repeat for several. No other does",
  },
  expires: {
    kind: "parsed",
    parse: parseExpiry,
    optional: true,
    placeholder: "TIME",
    brief: "Gives nothing from then on: 90d from now, a date, or never",
  },
} as const;

export interface FileFlag {
  readonly fromFile?: string;
}

/** `brief`: what the file holds. */
export function fileFlag(brief: string): {
  readonly fromFile: {
    readonly kind: "parsed";
    readonly parse: (text: string) => string;
    readonly optional: true;
    readonly placeholder: string;
    readonly brief: string;
  };
} {
  return {
    fromFile: { kind: "parsed", parse: parseText, optional: true, placeholder: "FILE", brief },
  };
}

export const FOUND = {
  server: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "NAME",
    brief: "Only those that this MCP server may get",
  },
  expiring: {
    kind: "parsed",
    parse: parseLength,
    optional: true,
    placeholder: "TIME",
    brief: "Only those that expire within this time, or have: 30d",
  },
} as const;
