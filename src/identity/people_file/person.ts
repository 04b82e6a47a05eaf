import { AppError, messageOf } from "../../kernel/errors.ts";
import { didYouMean } from "../../kernel/suggest.ts";
import { isTier, type Tier, TIERS } from "../../kernel/tiers.ts";
import { checkUserFields, mergeUser, NEW_USER } from "../user_rules.ts";
import { USER_STATUSES, type UserFields, type UserStatus } from "../user_store.ts";

/** The columns of a file of people, in the order in which they are written. */
export const COLUMNS = [
  "email",
  "name",
  "full_name",
  "display_name",
  "status",
  "roles",
  "department",
] as const;
/** One of them. */
export type Column = typeof COLUMNS[number];

/** Columns that an export has beside, and an import passes over. */
export const INFORMATIVE = ["id", "kind", "created_at", "updated_at", "description"] as const;

/** One line of a file, as it was read: what is missing was not given. */
export type PersonText = Readonly<Partial<Record<Column | "kind", string>>>;

/** One person of a file. */
export interface FilePerson {
  /** Where it stands: the line of a CSV file, the place in a JSON list. */
  readonly place: number;
  readonly fields: UserFields;
  /** Which columns the file gave a value for. */
  readonly given: ReadonlySet<Column>;
}

/** What is wrong with a file of people, and where. */
export interface FileProblem {
  readonly place: number;
  readonly problem: string;
}

/** Throws `invalid` for a column that is none, or without the two that are needed. */
export function checkColumns(names: readonly string[]): void {
  const known: readonly string[] = [...COLUMNS, ...INFORMATIVE];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new AppError("invalid", `There is no column ${JSON.stringify(unknown)}`, {
      hint: didYouMean(unknown, COLUMNS) ?? `Expected: ${COLUMNS.join(", ")}.`,
    });
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new AppError("invalid", `The column "${twice}" is there twice`);
  const missing = ["email", "name"].find((name) => !names.includes(name));
  if (missing !== undefined) throw new AppError("invalid", `The column "${missing}" is missing`);
}

/** The person of one line, or what is wrong with it. */
export function readPerson(place: number, text: PersonText): FilePerson | FileProblem {
  if (text.kind?.trim() === "service") {
    return { place, problem: "A service account is no person: leave it out" };
  }
  try {
    const given = new Set(COLUMNS.filter((column) => (text[column] ?? "").trim() !== ""));
    const fields = mergeUser(NEW_USER, {
      email: text.email ?? "",
      name: text.name ?? "",
      fullName: text.full_name ?? "",
      displayName: text.display_name ?? "",
      department: text.department ?? "",
      ...given.has("status") && { status: statusOf(text.status ?? "") },
      ...given.has("roles") && { roles: rolesOf(text.roles ?? "") },
    });
    checkUserFields(fields);
    return { place, fields, given };
  } catch (error) {
    return { place, problem: messageOf(error) };
  }
}

function statusOf(text: string): UserStatus {
  const status = USER_STATUSES.find((known) => known === text.trim());
  if (status !== undefined && status !== "deleted") return status;
  throw new AppError("invalid", `Cannot use ${JSON.stringify(text)} as a status`);
}

/** Separated by blanks, commas, semicolons or bars. */
function rolesOf(text: string): Tier[] {
  return text.split(/[\s,;|]+/).filter((role) => role !== "").map((role) => {
    if (isTier(role)) return role;
    throw new AppError(
      "invalid",
      `Cannot use ${JSON.stringify(role)} as a role: expected ${TIERS.join(", ")}`,
    );
  });
}
