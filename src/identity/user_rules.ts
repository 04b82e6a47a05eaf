import { AppError } from "../kernel/errors.ts";
import type { Tier } from "../kernel/tiers.ts";
import { sortRoles } from "./roles.ts";
import type { UserFields, UserStatus } from "./user_store.ts";

const EMAIL = /^[^\s@"<>\\]{1,64}@[^\s@"<>\\]{1,189}$/;
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const MAX_TEXT = 200;

/** What may be changed of a user; what is not given stays. */
export interface UserChanges {
  readonly email?: string;
  readonly name?: string;
  readonly fullName?: string;
  readonly displayName?: string;
  readonly department?: string;
  readonly status?: UserStatus;
  readonly roles?: readonly Tier[];
  readonly description?: string;
  /** Whether somebody proved that the email is the user's; a new email is unproven unless this says so. */
  readonly emailVerified?: boolean;
  /** Id of the person who answers for a service account; empty: nobody. */
  readonly ownerId?: string;
}

/** The email, if a user may have it. Throws `invalid`. */
export function checkEmail(email: string): string {
  if (EMAIL.test(email) && !UNPRINTABLE.test(email)) return email;
  throw new AppError("invalid", `Cannot use ${JSON.stringify(email)} as an email`);
}

/** Throws `invalid` for fields that no user may have: they end up in rows, tables and policies. */
export function checkUserFields(fields: UserFields): void {
  checkEmail(fields.email);
  checkText("name", fields.name, true);
  checkText("full name", fields.fullName);
  checkText("display name", fields.displayName);
  checkText("description", fields.description);
  if (fields.roles.length === 0) {
    throw new AppError("invalid", "Cannot leave a user without a role", {
      hint: "Suspend the user instead, or give it the role anonymous.",
    });
  }
}

/** Throws `invalid` for text that may not stand in rows and tables: `what` it is, in words. */
export function checkText(what: string, text: string | null, required = false): void {
  if (text === null) return;
  const problem = required && text.trim() === ""
    ? "it is empty"
    : text.length > MAX_TEXT
    ? `it is longer than ${MAX_TEXT} characters`
    : UNPRINTABLE.test(text) || !text.isWellFormed()
    ? "it holds characters that cannot be printed"
    : undefined;
  if (problem === undefined) return;
  throw new AppError("invalid", `Cannot use this ${what}: ${problem}`);
}

/** The names and values that differ, old and new, as they stand in the audit row. */
export function changesBetween(
  before: UserFields,
  after: UserFields,
): Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>> {
  const names = [
    ...["email", "name", "fullName", "displayName", "department", "status"] as const,
    ...["description", "emailVerified", "ownerId"] as const,
  ];
  return Object.fromEntries(
    names.filter((name) => before[name] !== after[name])
      .map((name) => [snakeCase(name), { from: before[name], to: after[name] }]),
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a new user is unless told. */
export const NEW_USER: UserFields = {
  kind: "person",
  email: "",
  name: "",
  fullName: null,
  displayName: null,
  status: "active",
  roles: ["user"],
  department: null,
  description: "",
  emailVerified: false,
  ownerId: null,
};

/** `before` with `changes`; an empty text clears what may be absent. */
export function mergeUser(before: UserFields, changes: UserChanges): UserFields {
  const { email, name, fullName, displayName, department, status, roles } = changes;
  const isSameEmail = email === undefined || email.trim() === before.email;
  return {
    kind: before.kind,
    email: email?.trim() ?? before.email,
    name: name?.trim() ?? before.name,
    fullName: optional(fullName, before.fullName),
    displayName: optional(displayName, before.displayName),
    department: optional(department, before.department),
    status: status ?? before.status,
    roles: sortRoles(roles ?? before.roles),
    description: changes.description?.trim() ?? before.description,
    emailVerified: changes.emailVerified ?? (isSameEmail && before.emailVerified),
    ownerId: optional(changes.ownerId, before.ownerId),
  };
}

function optional(text: string | undefined, before: string | null): string | null {
  return text === undefined ? before : text.trim() || null;
}
