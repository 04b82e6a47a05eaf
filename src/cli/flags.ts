import { parseInteger, parseMoment, parseText } from "./parse.ts";

/**
 * Flags that mean the same everywhere. A verb spreads what it needs:
 * `flags: { ...LIMIT, filter: {…} }` with `interface Flags extends LimitFlag { … }`.
 */

export interface PeriodFlags {
  readonly since?: Date;
  readonly until?: Date;
}

export const PERIOD = {
  since: {
    kind: "parsed",
    parse: (text: string): Date => parseMoment(text),
    optional: true,
    placeholder: "TIME",
    brief: "From this time on: 15m, 24h, 7d, 4w ago or RFC 3339",
  },
  until: {
    kind: "parsed",
    parse: (text: string): Date => parseMoment(text),
    optional: true,
    placeholder: "TIME",
    brief: "Up to this time, exclusive",
  },
} as const;

export interface LimitFlag {
  readonly limit: number;
}

/** At most this many rows; `fallback` unless the user says otherwise. */
export function limitFlag(fallback: number, max = 10_000): {
  readonly limit: {
    readonly kind: "parsed";
    readonly parse: (text: string) => number;
    readonly default: string;
    readonly placeholder: string;
    readonly brief: string;
  };
} {
  return {
    limit: {
      kind: "parsed",
      parse: parseInteger(1, max),
      default: String(fallback),
      placeholder: "N",
      brief: `At most this many, up to ${max}`,
    },
  };
}

export interface CursorFlag {
  readonly cursor?: string;
}

export const CURSOR = {
  cursor: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "TOKEN",
    brief: "Continue where the last page ended",
  },
} as const;

export interface YesFlag {
  readonly yes: boolean;
}

export const YES = {
  yes: { kind: "boolean", default: false, withNegated: false, brief: "Do not ask" },
} as const;

export interface DryRunFlag {
  readonly dryRun: boolean;
}

export const DRY_RUN = {
  dryRun: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Say what would be done, and do nothing",
  },
} as const;
