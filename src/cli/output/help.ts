import type { Command } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { EXIT, EXIT_MEANINGS, type ExitName } from "../exit.ts";
import { GLOBAL_FLAGS } from "../globals.ts";
import { docsOf, type Route } from "../verb.ts";
import { pad, widthOf } from "./width.ts";

type Parameters = Command<CliContext>["parameters"];
type Flag = NonNullable<Parameters["flags"]>[string];

/** What `--help` prints for the route that `path` leads to, e.g. `["spgov", "infra", "db"]`. */
export function helpText(route: Route, path: readonly string[]): string {
  const name = path.join(" ");
  const sections = "parameters" in route
    ? commandSections(route, name)
    : groupSections(route, name, path.length === 1);
  return sections.map((lines) => lines.join("\n") + "\n").join("\n");
}

function groupSections(
  route: Exclude<Route, Command<CliContext>>,
  name: string,
  isRoot: boolean,
): string[][] {
  const rows = route.getAllEntries().filter((entry) => !entry.hidden)
    .map((entry) => [entry.name["convert-camel-to-kebab"], entry.target.brief]);
  return [
    [route.brief],
    ["USAGE", `  ${name} <command> [flags]`],
    ["COMMANDS", ...aligned(rows)],
    globalSection(),
    [`Run "${name} <command> --help" for ${isRoot ? "what is below a command" : "one command"}.`],
  ];
}

function commandSections(command: Command<CliContext>, name: string): string[][] {
  const docs = docsOf(command);
  const sections = [
    [command.brief, ...docs?.description === undefined ? [] : ["", docs.description]],
    ["USAGE", `  ${name}${usageOf(command.parameters)}`],
  ];
  const args = argumentRows(command.parameters);
  if (args.length > 0) sections.push(["ARGUMENTS", ...aligned(args)]);
  const flags = flagRows(command.parameters);
  if (flags.length > 0) sections.push(["FLAGS", ...aligned(flags)]);
  sections.push(globalSection());
  if (docs && docs.examples.length > 0) {
    sections.push([
      "EXAMPLES",
      ...docs.examples.flatMap(({ line, says }) => [
        ...says === undefined ? [] : [`  # ${says}`],
        `  spgov ${line}`,
      ]),
    ]);
  }
  sections.push(exitSection(docs?.exits ?? []));
  return sections;
}

function globalSection(): string[] {
  return [
    "GLOBAL FLAGS",
    ...aligned(GLOBAL_FLAGS.map(({ name, alias, placeholder, variable, brief }) => [
      flagName(name, alias, placeholder),
      variable === undefined ? brief : `${brief} [${variable}]`,
    ])),
  ];
}

function exitSection(exits: readonly ExitName[]): string[] {
  const names = Object.keys(EXIT) as ExitName[];
  const shown = names.filter((n) => n === "ok" || n === "usage" || exits.includes(n));
  return ["EXIT STATUS", ...aligned(shown.map((n) => [String(EXIT[n]), EXIT_MEANINGS[n]]))];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first]) => widthOf(first ?? "")));
  return rows.map(([first = "", second = ""]) => `  ${pad(first, width, "left")}  ${second}`);
}

export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function flagName(
  name: string,
  alias: string | undefined,
  placeholder: string | undefined,
): string {
  const short = alias === undefined ? "    " : `-${alias}, `;
  return `${short}--${name}${placeholder === undefined ? "" : ` ${placeholder}`}`;
}

function placeholderOf(flag: Flag): string | undefined {
  if (flag.kind === "boolean" || flag.kind === "counter") return undefined;
  return flag.placeholder ?? (flag.kind === "enum" ? flag.values.join("|") : "VALUE");
}

function isRequired(flag: Flag): boolean {
  if (flag.kind === "boolean" || flag.kind === "counter" || flag.optional) return false;
  return flag.default === undefined;
}

function flagRows({ flags = {}, aliases = {} }: Parameters): string[][] {
  return Object.entries(flags).filter(([, flag]) => !flag.hidden).map(([name, flag]) => {
    const alias = Object.entries(aliases).find(([, target]) => target === name)?.[0];
    const notes = [
      ...isRequired(flag) ? ["required"] : [],
      ..."variadic" in flag && flag.variadic ? ["repeatable"] : [],
      ..."default" in flag && flag.default !== undefined && flag.kind !== "boolean"
        ? [`default ${String(flag.default)}`]
        : [],
    ];
    const brief = notes.length === 0 ? flag.brief : `${flag.brief} (${notes.join(", ")})`;
    return [flagName(kebab(name), alias, placeholderOf(flag)), brief];
  });
}

function argumentRows({ positional }: Parameters): string[][] {
  if (!positional) return [];
  if (positional.kind === "array") {
    return [[`${positional.parameter.placeholder ?? "args"}...`, positional.parameter.brief]];
  }
  return positional.parameters.map((parameter, i) => [
    parameter.placeholder ?? `arg${i + 1}`,
    parameter.brief + (parameter.default === undefined ? "" : ` (default ${parameter.default})`),
  ]);
}

function usageOf({ flags = {}, positional }: Parameters): string {
  const required = Object.entries(flags).filter(([, flag]) => isRequired(flag))
    .map(([name, flag]) => ` --${kebab(name)} ${placeholderOf(flag)}`);
  const optional = Object.keys(flags).length > required.length ? [" [flags]"] : [];
  return [...argumentUsage(positional), ...required, ...optional].join("");
}

function argumentUsage(positional: Parameters["positional"]): string[] {
  if (!positional) return [];
  if (positional.kind === "array") {
    const name = positional.parameter.placeholder ?? "args";
    return [(positional.minimum ?? 0) > 0 ? ` <${name}>...` : ` [${name}...]`];
  }
  return positional.parameters.map((parameter, i) => {
    const name = parameter.placeholder ?? `arg${i + 1}`;
    return parameter.optional || parameter.default !== undefined ? ` [${name}]` : ` <${name}>`;
  });
}
