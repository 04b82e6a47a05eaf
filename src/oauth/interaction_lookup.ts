import type { Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { hashOpaque, isOpaque } from "../kernel/opaque.ts";
import { findInteraction, type StoredInteraction } from "./interaction_store.ts";

/** The authorization under way with this id; undefined where there is none, or no more. */
export async function findStored(sql: Sql, id: string): Promise<StoredInteraction | undefined> {
  return isOpaque(id) ? await findInteraction(sql, hashOpaque(id)) : undefined;
}

export function notFound(): never {
  throw new AppError("not_found", "This authorization is over: start again at the application");
}
