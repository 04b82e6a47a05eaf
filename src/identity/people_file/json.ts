import * as z from "zod";
import { AppError } from "../../kernel/errors.ts";
import { checkColumns, type Column, COLUMNS, type PersonText } from "./person.ts";

const file = z.union([
  z.array(z.record(z.string(), z.unknown())),
  z.looseObject({ users: z.array(z.record(z.string(), z.unknown())) }).transform(({ users }) =>
    users
  ),
]);

/** Reads a list of people, or what `users export` prints. Throws `invalid`. */
export function readJson(
  text: string,
  each: (place: number, person: PersonText, problem: string | undefined) => void,
): void {
  parseList(text).forEach((entry, i) => {
    const person: Partial<Record<Column | "kind", string>> = {};
    try {
      checkColumns(Object.keys(entry));
    } catch (error) {
      return each(i + 1, {}, (error as Error).message);
    }
    for (const column of [...COLUMNS, "kind"] as const) {
      const value = entry[column];
      const text = column === "roles" && Array.isArray(value) ? value.join(" ") : value;
      if (typeof text === "string") person[column] = text;
      else if (text !== null && text !== undefined) return each(i + 1, {}, `${column} is no text`);
    }
    each(i + 1, person, undefined);
  });
}

function parseList(text: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const value: unknown = JSON.parse(text);
    const inner = isEnvelope(value) ? value.data : value;
    return file.parse(inner);
  } catch (cause) {
    throw new AppError("invalid", "Cannot read the file as a JSON list of people", { cause });
  }
}

function isEnvelope(value: unknown): value is { readonly data: unknown } {
  return typeof value === "object" && value !== null && "data" in value && "kind" in value;
}
