import { resolve } from "node:path";
import { checkEmail } from "../../../identity/mod.ts";
import { parseDatabaseUrl } from "../../../kernel/database_address.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext, Terminal } from "../../context.ts";
import type { Out } from "../../output/out.ts";
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

interface Asking {
  readonly terminal: Terminal;
  readonly out: Out;
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** What the flags say, and on a terminal what the user says to the rest. */
export async function readAnswers(context: CliContext, flags: SetupFlags): Promise<Answers> {
  const given = fromFlags(context, flags);
  const { terminal, out } = context;
  const answers = terminal && !flags.yes && !flags.dryRun
    ? await askRest({ terminal, out }, given)
    : given;
  if (!NAME.test(answers.name)) {
    throw new AppError("usage", `Cannot name a profile ${JSON.stringify(answers.name)}`, {
      hint: "Expected lower-case letters, digits, _ and -.",
    });
  }
  if (answers.email !== undefined) checkEmail(answers.email);
  if (answers.databaseUrl !== undefined) checkUrl(answers.databaseUrl);
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

/** Asks for what is not given; whoever answers wrongly is told so and asked again. */
async function askRest({ terminal, out }: Asking, given: Answers): Promise<Answers> {
  async function ask<T>(question: string, read: (text: string) => T): Promise<T | undefined> {
    for (;;) {
      const text = (await terminal.ask(`${question}: `)).trim();
      if (text === "") return undefined;
      try {
        return read(text);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        out.warn(error.message);
      }
    }
  }
  const email = given.email ?? await ask("Email of the operator [operator@localhost]", checkEmail);
  const port = given.port ?? await ask("Port [8080]", parsePort);
  const databaseUrl = given.databaseUrl ??
    await ask("URL of an external PostgreSQL [embedded]", checkUrl);
  return {
    ...given,
    ...email === undefined ? {} : { email },
    ...port === undefined ? {} : { port },
    ...databaseUrl === undefined ? {} : { databaseUrl },
  };
}

function checkUrl(text: string): string {
  parseDatabaseUrl(text);
  return text;
}

async function existingFolder(path: string): Promise<string> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory) return path;
  throw new AppError("usage", `Cannot take "${path}" as services: there is no such folder`);
}
