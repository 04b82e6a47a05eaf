import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { ensureMasterKey } from "../../src/vault/mod.ts";
import { withDatabase } from "../support/mod.ts";
import { type Result, spgov, withHome } from "./spgov.ts";

/** A home with a key and a database of its own, and the command line on it. */
export interface AdminHome {
  readonly home: string;
  /** Of the database. */
  readonly url: string;
  readonly sql: Pool;
  run(args: readonly string[], input?: string): Promise<Result>;
  /** Runs with `--json`, asserts success and that standard output is one document; answers its data. */
  // deno-lint-ignore no-explicit-any
  json(args: readonly string[], input?: string): Promise<any>;
}

export async function withAdminHome(work: (admin: AdminHome) => Promise<void>): Promise<void> {
  await withHome(async (home) => {
    await ensureMasterKey({ home, env: {} });
    await withDatabase(async ({ owner, url }) => {
      const sql = openPool(owner, { max: 1, applicationName: "test" });
      const run = (args: readonly string[], input?: string): Promise<Result> =>
        spgov(["admin", ...args, "--home", home], {
          env: { DATABASE_URL: url },
          ...input === undefined ? {} : { input },
        });
      try {
        await work({
          home,
          url,
          sql,
          run,
          async json(args, input) {
            const { code, stdout, stderr } = await run([...args, "--json"], input);
            assert.equal(code, 0, stderr);
            return JSON.parse(stdout).data;
          },
        });
      } finally {
        await sql.end({ timeout: 2 });
      }
    });
  });
}
