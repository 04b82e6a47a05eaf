import { checkEmail } from "../identity/mod.ts";
import { type Draft, isObject } from "./patch.ts";
import { ScimError } from "./scim_error.ts";

/** A user as a directory describes it, checked. Empty texts stand for what is absent. */
export interface UserInput {
  readonly userName: string;
  readonly externalId: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly fullName: string;
  readonly displayName: string;
  readonly email: string;
  readonly active: boolean;
  readonly department: string;
}

const MAX_TEXT = 200;

/** Reads a description. Throws `invalidValue`. */
export function readUser(draft: Draft): UserInput {
  const userName = text(draft, "userName");
  if (userName === "") throw invalid('A user needs a "userName"');
  const name = isObject(draft["name"]) ? draft["name"] : {};
  const [givenName, familyName] = [text(name, "givenName"), text(name, "familyName")];
  return {
    userName,
    externalId: text(draft, "externalId") || null,
    givenName: givenName || null,
    familyName: familyName || null,
    fullName: text(name, "formatted") || `${givenName} ${familyName}`.trim(),
    displayName: text(draft, "displayName"),
    email: checkEmail(emailOf(draft["emails"]) ?? userName),
    active: truth(draft["active"]),
    department: text(draft, "department"),
  };
}

// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

function text(values: Draft, name: string): string {
  const value = values[name];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw invalid(`"${name}" is no text`);
  const trimmed = value.trim();
  if (trimmed.length > MAX_TEXT) throw invalid(`"${name}" has more than ${MAX_TEXT} characters`);
  if (UNPRINTABLE.test(trimmed) || !trimmed.isWellFormed()) {
    throw invalid(`"${name}" holds characters that cannot be printed`);
  }
  return trimmed;
}

/** The primary email, or the first: one is kept. */
function emailOf(emails: unknown): string | undefined {
  const list = Array.isArray(emails) ? emails.filter(isObject) : [];
  const chosen = list.find(({ primary }) => primary === true || primary === "true") ?? list[0];
  return chosen && (text(chosen, "value") || undefined);
}

/** Some directories say it in words. Whoever says nothing is active. */
function truth(value: unknown): boolean {
  if (value === undefined || value === null || value === true) return true;
  if (value === false) return false;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  if (word === "true") return true;
  if (word === "false") return false;
  throw invalid('"active" is true or false');
}

function invalid(message: string): ScimError {
  return new ScimError(400, message, "invalidValue");
}
