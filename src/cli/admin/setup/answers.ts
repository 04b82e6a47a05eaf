import { resolve } from "node:path";
import { parseDatabaseUrl } from "../../../kernel/database_address.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext, Terminal } from "../../context.ts";
import { parsePort } from "../../parse.ts";
import type { ProfileChanges } from "./profile_file.ts";

export interface SetupFlags {
  readonly name?: string;
  readonly email?: string;
  readonly databaseUrl?: string;
  readonly services?: string;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** What setup is to do, complete and checked. */
export interface Answers extends ProfileChanges {
  readonly name: string;
  readonly email?: string;
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** What the flags say, and on a terminal what the user says to the rest. */
export async function readAnswers(context: CliContext, flags: SetupFlags): Promise<Answers> {
  const given = fromFlags(context, flags);
  const { terminal } = context;
  const answers = terminal && !flags.yes && !flags.dryRun ? askRest(terminal, given) : given;
  if (!NAME.test(answers.name)) {
    throw new AppError("usage", `Cannot name a profile ${JSON.stringify(answers.name)}`, {
      hint: "Expected lower-case letters, digits, _ and -.",
    });
  }
  if (answers.databaseUrl !== undefined) parseDatabaseUrl(answers.databaseUrl);
  if (answers.services === undefined) return answers;
  return { ...answers, services: await existingFolder(resolve(context.cwd, answers.services)) };
}

function fromFlags({ port, profileName }: CliContext, flags: SetupFlags): Answers {
  const { email, databaseUrl, services } = flags;
  return {
    name: flags.name ?? profileName ?? "local",
    ...email === undefined ? {} : { email },
    ...port === undefined ? {} : { port },
    ...databaseUrl === undefined ? {} : { databaseUrl },
    ...services === undefined ? {} : { services },
  };
}

function askRest(terminal: Terminal, given: Answers): Answers {
  const ask = (question: string): string | undefined =>
    terminal.ask(`${question}: `).trim() || undefined;
  const email = given.email ?? ask("Email of the operator [operator@localhost]");
  const port = given.port ?? portOf(ask("Port [8080]"));
  const databaseUrl = given.databaseUrl ?? ask("URL of an external PostgreSQL [embedded]");
  return {
    ...given,
    ...email === undefined ? {} : { email },
    ...port === undefined ? {} : { port },
    ...databaseUrl === undefined ? {} : { databaseUrl },
  };
}

function portOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parsePort(text);
}

async function existingFolder(path: string): Promise<string> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory) return path;
  throw new AppError("usage", `Cannot take "${path}" as services: there is no such folder`);
}
