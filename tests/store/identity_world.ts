import assert from "node:assert/strict";
import { appendRows, eventRow } from "../../src/audit/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import type { Actor, IdentityContext } from "../../src/identity/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { AppError, type ErrorCode } from "../../src/kernel/errors.ts";
import { type TestDatabase, withDatabase } from "../support/mod.ts";

/** Who changes things in tests. */
export const ADMIN: Actor = {
  userId: "root",
  role: "admin",
  surface: "api",
  sessionId: "sess_root",
  clientId: "test",
};

/** Where a browser is in tests. */
export const BROWSER = { address: "192.0.2.1", userAgent: "test" } as const;

/** A request that carries a browser session's cookie. */
export function withCookie(token = "", name = "spgov_session"): Request {
  return new Request("http://localhost/", { headers: { cookie: `${name}=${token}` } });
}

/** A database of its own, and what identity functions need of it. */
export interface World {
  readonly sql: Pool;
  readonly context: IdentityContext;
  readonly database: TestDatabase;
  /** Targets of the rows written since the last call, sorted. */
  events(): Promise<string[]>;
}

function contextOf(sql: Pool): IdentityContext {
  return {
    sql,
    clock: systemClock,
    record: (transaction, events) =>
      appendRows(transaction, "test", events.map((event) => eventRow(event, Date.now()))),
  };
}

/** Runs `body` with a database that is dropped afterwards. */
export async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  await withDatabase(async (database) => {
    const sql = openPool(database.owner, { max: 4, applicationName: "test" });
    const seen = new Set<string>();
    try {
      await body({
        sql,
        context: contextOf(sql),
        database,
        async events() {
          const rows = await sql<{ id: string; target: string }[]>`select id, target from audit`;
          const fresh = rows.filter(({ id }) => !seen.has(id)).map(({ target }) => target);
          for (const { id } of rows) seen.add(id);
          return fresh.sort();
        },
      });
    } finally {
      await sql.end({ timeout: 2 });
    }
  });
}

/** Asserts that `work` fails with an `AppError` of this code. */
export function rejectsWith(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}
