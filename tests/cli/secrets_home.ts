import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { ensureMasterKey, loadMasterKey, openVault } from "../../src/vault/mod.ts";
import { withDatabase } from "../support/mod.ts";
import { command, commandArguments, type Result, spgov, withHome } from "./spgov.ts";

/** A home with a key and a database of its own, and `spgov cloud secrets` on it. */
export interface SecretsHome {
  readonly home: string;
  readonly sql: Pool;
  /** Every call's output is kept in `printed`. */
  run(args: readonly string[], input?: string): Promise<Result>;
  /** As `run`, any verb. */
  spgov(args: readonly string[], input?: string): Promise<Result>;
  /** Starts it and does not wait. */
  start(args: readonly string[]): Deno.ChildProcess;
  /** Types `keys` into a terminal once it shows `question`; everything that it showed. */
  type(args: readonly string[], question: string, keys: string): Promise<Typed>;
  /** Runs with `--json`, asserts success and that standard output is one document; answers its data. */
  // deno-lint-ignore no-explicit-any
  json(args: readonly string[], input?: string): Promise<any>;
  /** The value as egress would give it to a server. */
  resolve(
    name: string,
    server: string,
    user?: string,
    department?: string,
  ): Promise<string | undefined>;
  readonly printed: string[];
  readonly variables: Record<string, string>;
}

/** What a terminal showed, and how the command in it ended. */
export interface Typed {
  readonly code: number;
  readonly shown: string;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Runs the command line in a pseudo terminal. */
async function typeInto(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  question: string,
  keys: string,
): Promise<Typed> {
  const line = [Deno.execPath(), ...commandArguments(args)].map(quote).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qefc", line, "/dev/null"],
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  let shown = "";
  let asked = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    shown += text;
    if (asked || !shown.includes(question)) continue;
    asked = true;
    await writer.write(new TextEncoder().encode(keys));
  }
  await writer.close().catch(() => {});
  return { code: (await child.status).code, shown };
}

export async function withSecretsHome(
  work: (secrets: SecretsHome) => Promise<void>,
): Promise<void> {
  await withHome(async (home) => {
    await ensureMasterKey({ home, env: {} });
    await withDatabase(async ({ owner, vault: login, url }) => {
      const sql = openPool(owner, { max: 2, applicationName: "test" });
      const serving = openPool(login, { max: 1, applicationName: "test vault" });
      const printed: string[] = [];
      const variables: Record<string, string> = { DATABASE_URL: url };
      async function any(args: readonly string[], input?: string): Promise<Result> {
        const options = { env: variables, ...input === undefined ? {} : { input } };
        const result = await spgov([...args, "--home", home], options);
        printed.push(result.stdout, result.stderr);
        return result;
      }
      const run = (args: readonly string[], input?: string): Promise<Result> =>
        any(["cloud", "secrets", ...args], input);
      try {
        await work({
          home,
          sql,
          printed,
          variables,
          run,
          spgov: any,
          start: (args) =>
            command(["cloud", "secrets", ...args, "--home", home], { env: variables }).spawn(),
          type: (args, question, keys) =>
            typeInto(["cloud", "secrets", ...args, "--home", home], variables, question, keys),
          async json(args, input) {
            const { code, stdout, stderr } = await run([...args, "--json"], input);
            assert.equal(code, 0, stderr);
            return JSON.parse(stdout).data;
          },
          async resolve(name, server, user, department) {
            const { key } = await loadMasterKey({ home, env: variables });
            const vault = openVault(serving, key, systemClock);
            const value = await vault.resolve(name, server, user ?? "nobody", department);
            return value && new TextDecoder().decode(value.reveal());
          },
        });
      } finally {
        await sql.end({ timeout: 2 });
        await serving.end({ timeout: 2 });
      }
    });
  });
}
