import type { Command } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { kebab } from "../output/help.ts";
import { docsOf } from "../verb.ts";

type Parameters = Command<CliContext>["parameters"];
type Flag = NonNullable<Parameters["flags"]>[string];
type Values = Readonly<Record<string, unknown>>;
type Schema = Readonly<Record<string, unknown>>;

/** What a verb takes, as a tool's input. */
export function inputSchemaOf(command: Command<CliContext>): Schema {
  const { flags = {}, positional } = command.parameters;
  const names = Object.entries(flags).filter(([name, flag]) => isOffered(name, flag));
  const properties = Object.fromEntries(names.map(([name, flag]) => [field(name), schemaOf(flag)]));
  const required = names.filter(([, flag]) => isRequired(flag)).map(([name]) => field(name));
  const args = argumentsOf(positional);
  return {
    type: "object",
    properties: {
      ...Object.fromEntries(args.map(({ name, schema }) => [name, schema])),
      ...properties,
    },
    required: [...args.filter((each) => each.isRequired).map(({ name }) => name), ...required],
    additionalProperties: false,
  };
}

export function descriptionOf(command: Command<CliContext>): string {
  const docs = docsOf(command);
  return [command.brief, ...docs?.description === undefined ? [] : [docs.description]].join("\n\n");
}

/**
 * The words that a tool's input comes to. Values never stand alone: flags carry theirs behind `=`, and
 * arguments stand behind `--`, where nothing is taken for a flag.
 */
export function wordsOf(command: Command<CliContext>, input: Values): string[] {
  const { flags = {}, positional } = command.parameters;
  const words = Object.entries(flags).flatMap(([name, flag]) =>
    isOffered(name, flag) ? flagWords(kebab(name), flag, own(input, field(name))) : []
  );
  const args = argumentsOf(positional).flatMap(({ name }) => textsOf(own(input, name)));
  return [
    ...words,
    // There is nobody to ask: whoever may call this tool has decided already.
    ..."yes" in flags ? ["--yes"] : [],
    ...args.length > 0 ? ["--", ...args] : [],
  ];
}

function flagWords(name: string, flag: Flag, value: unknown): string[] {
  if (value === undefined) return [];
  if (flag.kind === "boolean") return value === true ? [`--${name}`] : [];
  return textsOf(value).map((text) => `--${name}=${text}`);
}

/** Confirmation is not the model's to give, and no file of the host is its to name. */
function isOffered(name: string, flag: Flag): boolean {
  const placeholder = "placeholder" in flag ? flag.placeholder ?? "" : "";
  return !flag.hidden && name !== "yes" && !/FILE|DIR|PATH/.test(placeholder);
}

function isRequired(flag: Flag): boolean {
  if (flag.kind === "boolean" || flag.kind === "counter" || flag.optional) return false;
  return flag.default === undefined;
}

function schemaOf(flag: Flag): Schema {
  const description = flag.brief;
  if (flag.kind === "boolean") return { type: "boolean", description };
  const one = flag.kind === "enum"
    ? { type: "string", enum: [...flag.values] }
    : { type: ["string", "number"] };
  const isList = "variadic" in flag && flag.variadic !== undefined;
  return { ...isList ? { type: "array", items: one } : one, description };
}

interface Argument {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: Schema;
}

function argumentsOf(positional: Parameters["positional"]): Argument[] {
  if (!positional) return [];
  if (positional.kind === "array") {
    const { placeholder = "args", brief } = positional.parameter;
    const schema = { type: "array", items: { type: "string" }, description: brief };
    return [{ name: field(placeholder), isRequired: false, schema }];
  }
  return positional.parameters.map(({ placeholder, brief, optional, default: fallback }, i) => ({
    name: field(placeholder ?? `arg${i + 1}`),
    isRequired: !optional && fallback === undefined,
    schema: { type: "string", description: brief },
  }));
}

/** A name on the command line as a name in JSON. */
function field(name: string): string {
  return kebab(name).replaceAll(/[^a-z0-9]+/g, "_");
}

function own(input: Values, name: string): unknown {
  return Object.hasOwn(input, name) ? input[name] : undefined;
}

function textsOf(value: unknown): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
