import type { Audience, UserStatus } from "../../../identity/mod.ts";
import { type Tier, TIERS } from "../../../kernel/tiers.ts";
import { parseInteger, parseText } from "../../parse.ts";

/**
 * Flags and arguments that the verbs about users and sessions share. The words are repeated here, checked
 * against their types: a description must not load what the verb needs.
 */

function wordsOf<Word extends string>(words: Readonly<Record<Word, true>>): readonly Word[] {
  return Object.keys(words) as Word[];
}

export const AUDIENCE_WORDS = wordsOf<Audience>({ hook: true, api: true, mcp: true });

const STATUS_WORDS = wordsOf<UserStatus>({
  active: true,
  inactive: true,
  suspended: true,
  pending: true,
  deleted: true,
});

export const USER = {
  kind: "tuple",
  parameters: [{ parse: parseText, placeholder: "user", brief: "Id, email or name" }],
} as const;

/** The part of the user's name that a flag describes. */
export function textFlag(brief: string): {
  readonly kind: "parsed";
  readonly parse: (text: string) => string;
  readonly optional: true;
  readonly placeholder: string;
  readonly brief: string;
} {
  return { kind: "parsed", parse: (text) => text, optional: true, placeholder: "TEXT", brief };
}

export interface PageFlags {
  readonly limit: number;
  readonly offset: number;
}

export const OFFSET = {
  offset: {
    kind: "parsed",
    parse: parseInteger(0),
    default: "0",
    placeholder: "N",
    brief: "Skip this many",
  },
} as const;

export interface FilterFlags {
  readonly role?: Tier;
  readonly status?: UserStatus;
}

export const FILTER = {
  role: {
    kind: "enum",
    values: TIERS,
    optional: true,
    brief: "Only users who hold this role",
  },
  status: {
    kind: "enum",
    values: STATUS_WORDS,
    optional: true,
    brief: "Only users in this state; everybody but deleted users unless given",
  },
} as const;

export interface RolesFlag {
  readonly roles: readonly Tier[];
}

export const ROLES = {
  kind: "enum",
  values: TIERS,
  variadic: ",",
  brief: "Roles, most trusted first; separated by commas or repeated",
} as const;
