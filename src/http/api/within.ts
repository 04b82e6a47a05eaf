import { nestedIn } from "../../db/mod.ts";
import type { EgressContext } from "./context.ts";

/** Runs `work` in one transaction: what it locks stays as it was looked at until it is changed. */
export async function within<T>(
  context: EgressContext,
  work: (context: EgressContext) => Promise<T>,
): Promise<T> {
  return await context.sql.begin((sql) => work({ ...context, sql: nestedIn(sql) })) as T;
}
