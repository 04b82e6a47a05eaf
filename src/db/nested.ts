import type postgres from "postgres";
import type { Pool } from "./pool.ts";

/**
 * A transaction in the form of a pool: what begins in it becomes a savepoint of it. So a change that opens a
 * transaction of its own can be made part of a larger one.
 */
export function nestedIn(transaction: postgres.TransactionSql): Pool {
  return new Proxy(transaction as unknown as Pool, {
    get: (target, name) =>
      name === "begin"
        ? (work: (sql: postgres.TransactionSql) => Promise<unknown>) => transaction.savepoint(work)
        : Reflect.get(target, name),
  });
}
