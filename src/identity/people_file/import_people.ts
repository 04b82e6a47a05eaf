import type { Sql } from "../../db/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { uuidV7 } from "../../kernel/ids.ts";
import { type IdentityContext, refuseTaken } from "../context.ts";
import { listDepartments } from "../department_store.ts";
import type { Actor } from "../events.ts";
import { keepPersonal } from "../personal_details.ts";
import { refuseAbove } from "../roles.ts";
import { changeLocked } from "../user_changes.ts";
import { updateEvents, userEvent } from "../user_events.ts";
import { mergeUser, type UserChanges } from "../user_rules.ts";
import { findTakenEmails, insertUsers, type User } from "../user_store.ts";
import { readCsv } from "./csv.ts";
import { readJson } from "./json.ts";
import { type FilePerson, type FileProblem, type PersonText, readPerson } from "./person.ts";

/** How a file of people is written. */
export type PeopleFormat = "csv" | "json";
/** What is done with a person whose email a user has already. */
export type Existing = "refuse" | "skip" | "update";

export interface ImportOptions {
  readonly format: PeopleFormat;
  readonly existing: Existing;
  /** Looks at everything and changes nothing. */
  readonly dryRun: boolean;
  /** Told how many people were taken in so far. */
  readonly progress?: (done: number) => void;
}

/** What became of a file, or would. */
export interface Imported {
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
}

/** How many problems are told at once. */
const MAX_PROBLEMS = 50;
const BATCH = 2000;

/**
 * Takes in a file of people: all of it or nothing. It is read twice, so that nothing is begun before every line was
 * looked at. One `user_created` for each.
 * Throws `invalid` with up to 50 problems and their places in `details`, `denied`, `conflict`.
 */
export async function importPeople(
  context: IdentityContext,
  actor: Actor,
  text: string,
  options: ImportOptions,
): Promise<Imported> {
  await checkFile(context, actor, text, options);
  const work = async (sql: Sql): Promise<Imported> => {
    const total = { created: 0, updated: 0, skipped: 0 };
    for (const batch of batchesOf(text, options.format)) {
      const done = await takeIn(context, sql, actor, batch, options);
      total.created += done.created;
      total.updated += done.updated;
      total.skipped += done.skipped;
      options.progress?.(total.created + total.updated + total.skipped);
    }
    return total;
  };
  return await refuseTaken(
    "Cannot import: somebody took one of the emails meanwhile",
    () => context.sql.begin(work) as Promise<Imported>,
  );
}

async function checkFile(
  { sql }: IdentityContext,
  actor: Actor,
  text: string,
  { format, existing }: ImportOptions,
): Promise<void> {
  const problems: FileProblem[] = [];
  let count = 0;
  const departments = new Set((await listDepartments(sql)).map(({ name }) => name));
  const places = new Map<string, number>();
  const add = (place: number, problem: string): void => {
    count++;
    if (problems.length < MAX_PROBLEMS) problems.push({ place, problem });
  };
  forEachPerson(text, format, (person) => {
    if ("problem" in person) return add(person.place, person.problem);
    const { place, fields: { email, department, roles } } = person;
    refuseAbove(actor, roles);
    if (department !== null && !departments.has(department)) {
      add(place, `There is no department ${JSON.stringify(department)}`);
    }
    const key = email.toLowerCase();
    const before = places.get(key);
    if (before !== undefined) add(place, `The email ${email} stands at ${before} already`);
    places.set(key, before ?? place);
  });
  if (existing === "refuse") await checkTaken(sql, places, add);
  if (count > 0) throw refused(problems, count);
}

async function checkTaken(
  sql: Sql,
  places: ReadonlyMap<string, number>,
  add: (place: number, problem: string) => void,
): Promise<void> {
  const emails = [...places.keys()];
  for (let i = 0; i < emails.length; i += 50_000) {
    for (const { email } of await findTakenEmails(sql, emails.slice(i, i + 50_000))) {
      add(places.get(email) ?? 0, `A user has the email ${email}`);
    }
  }
}

function refused(found: readonly FileProblem[], count: number): AppError {
  const problems = [...found].sort((a, b) => a.place - b.place);
  const lines = problems.map(({ place, problem }) => `  ${place}: ${problem}`);
  const rest = count > problems.length ? [`  … and ${count - problems.length} more`] : [];
  return new AppError(
    "invalid",
    [`Cannot import: ${count} problems, nothing was changed`, ...lines, ...rest].join("\n"),
    { details: { problems, count } },
  );
}

/** The same reading as in the check: what is taken in is what was looked at. */
function forEachPerson(
  text: string,
  format: PeopleFormat,
  each: (person: FilePerson | FileProblem) => void,
): void {
  const read = (place: number, person: PersonText, problem: string | undefined): void =>
    each(problem === undefined ? readPerson(place, person) : { place, problem });
  if (format === "csv") readCsv(text, read);
  else readJson(text, read);
}

function batchesOf(text: string, format: PeopleFormat): FilePerson[][] {
  const batches: FilePerson[][] = [[]];
  forEachPerson(text, format, (person) => {
    if ("problem" in person) throw new AppError("internal", "The file changed while it was read");
    if ((batches.at(-1)?.length ?? 0) >= BATCH) batches.push([]);
    batches.at(-1)?.push(person);
  });
  return batches;
}

async function takeIn(
  context: IdentityContext,
  sql: Sql,
  actor: Actor,
  batch: readonly FilePerson[],
  { existing, dryRun }: ImportOptions,
): Promise<Imported> {
  const emails = batch.map(({ fields }) => fields.email.toLowerCase());
  const taken = new Map(
    (await findTakenEmails(sql, emails)).map(({ email, id }) => [email, id]),
  );
  const fresh = batch.filter(({ fields }) => !taken.has(fields.email.toLowerCase()));
  const known = existing === "update"
    ? batch.filter(({ fields }) => taken.has(fields.email.toLowerCase()))
    : [];
  if (!dryRun && fresh.length > 0) await create(context, sql, actor, fresh);
  let updated = 0;
  for (const person of dryRun ? [] : known) {
    const id = taken.get(person.fields.email.toLowerCase()) ?? "";
    if (await update(context, sql, actor, id, person)) updated++;
  }
  if (dryRun) updated = known.length;
  return { created: fresh.length, updated, skipped: batch.length - fresh.length - updated };
}

async function create(
  { clock, record }: IdentityContext,
  sql: Sql,
  actor: Actor,
  people: readonly FilePerson[],
): Promise<void> {
  const now = clock.now();
  const users = people.map(({ fields }) => ({ ...fields, id: uuidV7(now) }));
  await insertUsers(sql, users);
  const date = new Date(now);
  const rest = { mergedInto: null, anonymisedAt: null, createdAt: date, updatedAt: date };
  const events = users.map((user) => userEvent(actor, "user_created", { ...user, ...rest }));
  await keepPersonal(sql, events.flatMap(({ personal }) => personal ? [personal] : []));
  await record(sql, events.map(({ event }) => event));
}

/** Only what the file gives is changed. */
async function update(
  context: IdentityContext,
  sql: Sql,
  actor: Actor,
  id: string,
  { fields, given }: FilePerson,
): Promise<boolean> {
  let changed = false;
  await changeLocked(context, sql, actor, id, (before: User) => {
    const after = mergeUser(before, changesOf(fields, given));
    const events = updateEvents(actor, before, { ...before, ...after });
    changed = events.length > 0;
    return { after, events };
  });
  return changed;
}

function changesOf(
  { name, fullName, displayName, department, status, roles }: FilePerson["fields"],
  given: FilePerson["given"],
): UserChanges {
  return {
    name,
    ...given.has("full_name") && fullName !== null && { fullName },
    ...given.has("display_name") && displayName !== null && { displayName },
    ...given.has("department") && department !== null && { department },
    ...given.has("status") && { status },
    ...given.has("roles") && { roles },
  };
}
