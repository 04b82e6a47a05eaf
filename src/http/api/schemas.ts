import * as z from "zod";
import { TIERS } from "../../kernel/tiers.ts";

/** RFC 3339. */
export const timestamp = z.iso.datetime({ offset: true });
/** A moment in a query, as a Date. */
export const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
export const tier = z.enum(TIERS);
/** An id or a name that things are found by. */
export const reference = z.string().min(1).max(300);
export const text = z.string().min(1).max(200);
/** What may be taken away again. */
export const optionalText = z.string().max(200).nullable();
/** `true` or `false` in a query. */
export const flag = z.enum(["true", "false"]).transform((word) => word === "true");

/** Keeps `undefined` out of an object: absent members stay as they are. */
export function given<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** `null` takes away what may be absent: an empty text does that in the rules of users. */
export function orEmpty(value: string | null | undefined): string | undefined {
  return value === null ? "" : value;
}
