/**
 * The command line: `spgov <domain> <noun> <verb>`. This page says how to add a verb.
 *
 * 1. A noun is a folder with a door: `src/cli/infra/db/mod.ts` describes the verbs of `spgov infra db`
 *    and imports nothing heavy. A verb is a description here and a file of its own beside it:
 *
 *    ```ts
 *    // src/cli/infra/db/mod.ts
 *    import { limitFlag } from "../../flags.ts";
 *    import { group, verb } from "../../verb.ts";
 *
 *    export const db = group("Look at and change the database", {
 *      tables: verb({
 *        brief: "List the tables and their size",
 *        flags: { ...limitFlag(100), filter: { kind: "parsed", parse: parseText, optional: true, brief: "…" } },
 *        // positional: { kind: "tuple", parameters: [{ parse: parseText, placeholder: "id", brief: "…" }] },
 *        examples: [{ line: "infra db tables --filter audit", says: "those of the audit" }],
 *        exits: ["unavailable"],
 *        load: () => import("./tables.ts"),
 *      }),
 *    });
 *    ```
 *
 *    ```ts
 *    // src/cli/infra/db/tables.ts: one default export; `this` is the context, then flags, then arguments
 *    export default async function tables(this: CliContext, flags: TablesFlags): Promise<void> {
 *      const { sql } = await openDatabase(this);
 *      const rows = await listTables(sql, flags.filter);
 *      this.out.table({ kind: "db.tables", columns: ["name", "rows"], rows, data: { tables: rows } });
 *    }
 *    ```
 *
 *    Flags are camelCase in code and kebab-case on the line. Global flags (`globals.ts`) are taken out
 *    before; no verb declares `json`, `home`, `profile`, `port`, `quiet`, `verbose`, `no-color`, `help`.
 *    Use the shared flags of `flags.ts` and the parsers of `parse.ts`: the same word means the same everywhere.
 *
 * 2. Hang the noun into its domain: `src/cli/infra/mod.ts` is a `group` of nouns. A new domain or short
 *    form is a line in `commands.ts`. A domain is loaded only when it is asked for.
 *
 * 3. Print through `this.out`, once: `table`, `card`, `list`, `text`, `report` (several tables and cards),
 *    or `stream` when following. `kind` names the shape of the document; `data` is what `--json` prints in
 *    `{data, kind, hints?}`: ids whole, empty is an empty list. `note`, `progress` and `warn` go to standard
 *    error. Nothing else prints.
 *
 * 4. Fail by throwing `AppError(code, message, {hint})`; the code decides the exit status (`exit.ts`). A verb
 *    that prints its finding and is still not content (validate, verify, doctor) calls
 *    `this.setExit(EXIT.invalid)`. With `--json` the error document `{error: {code, message, hint?}}` goes to
 *    standard output only if that is still empty; the line for people goes to standard error always.
 *
 * 5. Destructive: `...YES` in the flags and `await confirm(this, "Delete 3 sessions?", flags.yes)` first. What has to be
 *    closed: `this.defer(close)`. Following ends on `this.signal` (Ctrl-C); a verb that does not look at it is ended, and what it
 *    deferred is closed. The database: `openDatabase(this)` of
 *    `database.ts`, through the running service's socket or by starting the server for this command.
 *
 * 6. A change that the operator makes is recorded in the transaction of the change: `recordAdmin(this, sql, …)` or
 *    `identityContext(this, sql)` of `audit.ts`. Something `spgov doctor` should look at: a `Check` in `doctor/checks.ts`.
 *
 * 7. Test it in `tests/cli` with the real process (`tests/cli/spgov.ts`).
 */
import { buildInfo, formatBuildInfo } from "../kernel/build_info.ts";
import { runApplication } from "./application.ts";
import { COMMANDS } from "./commands.ts";
import { exitStatusOf } from "./exit.ts";
import { type Globals, splitGlobals, wantsJson } from "./globals.ts";
import type { Host } from "./host.ts";
import { createOut, type OutHandle, ReaderGone } from "./output/out.ts";
import { reportError } from "./report_error.ts";
import { createRunContext } from "./run_context.ts";

/** Runs one command line and says with which status the process should end. Never throws. */
export async function runCli(args: readonly string[], host: Host): Promise<number> {
  let out = outFor(host, { json: wantsJson(args), quiet: false, color: false });
  let verbose = false;
  try {
    const { globals, rest } = splitGlobals(args, host.env);
    out = outFor(host, globals);
    verbose = globals.verbose;
    return await runVerb(args, rest, host, globals, out);
  } catch (error) {
    if (error instanceof ReaderGone) return 0;
    return exitStatusOf(reportError(error, out, verbose));
  }
}

async function runVerb(
  all: readonly string[],
  args: readonly string[],
  host: Host,
  globals: Globals,
  out: OutHandle,
): Promise<number> {
  if (globals.version) return printVersion(out);
  const run = createRunContext(host, globals, out, all);
  try {
    const work = runApplication(COMMANDS, args, run.context, { help: globals.help, out });
    const signal = await Promise.race([work.then(() => undefined), run.stopped]);
    // A verb that is stopped half-way fails with whatever was taken from under it: nobody waits for it.
    if (signal !== undefined) work.catch(() => {});
    return signal === undefined ? run.exitStatus() : 128 + signal;
  } finally {
    await run.close();
  }
}

function outFor(
  { stdout, stderr }: Host,
  { json, quiet, color }: Pick<Globals, "json" | "quiet" | "color">,
): OutHandle {
  return createOut({ stdout, stderr, json, quiet, color });
}

function printVersion(out: OutHandle): number {
  const info = buildInfo();
  out.text({ kind: "version", text: formatBuildInfo(info), data: info });
  return 0;
}
