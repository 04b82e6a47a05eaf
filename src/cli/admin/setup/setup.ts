import { parseProfile } from "../../profile.ts";
import { resolve } from "node:path";
import { migrate, MIGRATIONS } from "../../../db/mod.ts";
import { ensureOperator, LOCAL_OPERATOR, updateUser, type User } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import { ensureInstance } from "../../../kernel/home.ts";
import { ensureMasterKey, masterKeyPath } from "../../../vault/mod.ts";
import { identityContext } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { type Answers, readAnswers, type SetupFlags } from "./answers.ts";
import { planProfile, type ProfilePlan, writeProfile } from "./profile_file.ts";

export default async function setup(this: CliContext, flags: SetupFlags): Promise<void> {
  const answers = await readAnswers(this, flags);
  const plan = await planProfile(profilePath(this, answers.name), answers.name, answers);
  await checkProfile(plan);
  if (flags.dryRun) return printPlan(this, plan, answers);
  if (plan.state === "updated") {
    await confirm(this, `Change the profile "${plan.path}"?`, flags.yes);
  }
  await writeProfile(plan);
  await ensureInstance(this.home);
  const key = await ensureMasterKey({ home: this.home, env: this.env });
  const context = withProfile(this, plan.path);
  const { sql, kind, description } = await openDatabase(context, {
    create: true,
    statementTimeoutMs: 0,
  });
  const { applied, current } = await migrate(sql, MIGRATIONS);
  const identity = identityContext(this, sql);
  const { user, created } = await ensureOperator(
    identity,
    answers.email === undefined ? {} : { email: answers.email },
  );
  const operator = await withEmail(
    user,
    answers.email,
    (email) => updateUser(identity, LOCAL_OPERATOR, user.id, { email }),
  );
  this.out.card({
    kind: "setup",
    data: {
      profile: answers.name,
      profile_path: plan.path,
      profile_state: plan.state,
      master_key: key.path ?? key.source,
      master_key_created: key.created,
      database: { kind, description, migrations_applied: applied.length, current },
      operator: { id: operator.id, email: operator.email, created },
    },
  });
  this.out.note('Ready. "spgov start" starts the appliance.');
}

function profilePath({ home }: CliContext, name: string): string {
  return resolve(home, "profiles", name, "profile.yaml");
}

/** The profile must be one that start-up takes; nothing is written before. */
async function checkProfile({ text, path }: ProfilePlan): Promise<void> {
  const parsed = await parseProfile(text, path);
  if (parsed.ok) return;
  const problems = parsed.diagnostics
    .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new AppError("invalid", `Cannot use this profile\n${problems.join("\n")}`);
}

/** The same context, with this profile and no other. */
function withProfile(context: CliContext, path: string): CliContext {
  return Object.create(context, { profileName: { value: path } });
}

async function withEmail(
  user: User,
  email: string | undefined,
  change: (email: string) => Promise<User>,
): Promise<User> {
  return email === undefined || email === user.email ? user : await change(email);
}

function printPlan({ out, home }: CliContext, plan: ProfilePlan, answers: Answers): void {
  out.card({
    kind: "setup",
    data: {
      dry_run: true,
      profile: answers.name,
      profile_path: plan.path,
      profile_state: plan.state,
      master_key: masterKeyPath(home),
      database: { kind: answers.databaseUrl === undefined ? "embedded" : "external" },
      operator: { email: answers.email ?? "operator@localhost" },
    },
  });
  out.note("Dry run: nothing was changed.");
}
