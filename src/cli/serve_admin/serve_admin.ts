import type { Command } from "@stricli/core";
import { AppError } from "../../kernel/errors.ts";
import { selfCommand } from "../../kernel/self.ts";
import { didYouMean } from "../../kernel/suggest.ts";
import type { CommandResult, CommandTool } from "../../mcp/builtin/mod.ts";
import type { VerifiedCaller } from "../../mcp/mod.ts";
import { CALLER_VARIABLE } from "../actor.ts";
import { COMMANDS } from "../commands.ts";
import type { CliContext } from "../context.ts";
import { allRoutes } from "../tree.ts";
import type { Route } from "../verb.ts";
import { READ_VERBS, toolName, WRITE_VERBS } from "./catalogue.ts";
import { descriptionOf, inputSchemaOf, wordsOf } from "./verb_tool.ts";

type NoFlags = Readonly<Record<never, never>>;

export default async function serveAdmin(
  this: CliContext,
  _: NoFlags,
  ...named: readonly string[]
): Promise<void> {
  const verbs = chooseVerbs(named);
  const root = await allRoutes(COMMANDS);
  const tools = verbs.map((verb) => toolOf(this, root, verb));
  const { createCommandServer } = await import("../../mcp/builtin/mod.ts");
  const { serveUntilEnd } = await import("../../mcp/stdio/mod.ts");
  await serveUntilEnd(() => createCommandServer("admin", tools));
}

/** The verbs that read, and those that change something and were named. */
export function chooseVerbs(named: readonly string[]): readonly string[] {
  const known = [...READ_VERBS, ...WRITE_VERBS];
  for (const name of named) {
    if (known.some((verb) => toolName(verb) === name)) continue;
    const hint = didYouMean(name, known.map(toolName));
    throw new AppError("usage", `There is no tool "${name}" to offer`, hint ? { hint } : {});
  }
  return known.filter((verb) => READ_VERBS.includes(verb) || named.includes(toolName(verb)));
}

function toolOf(context: CliContext, root: Route, verb: string): CommandTool {
  const command = findCommand(root, verb.split(" "));
  return {
    name: toolName(verb),
    description: descriptionOf(command),
    inputSchema: inputSchemaOf(command),
    isReadOnly: READ_VERBS.includes(verb),
    run: (input, caller, signal) =>
      runVerb(context, caller, [...verb.split(" "), ...wordsOf(command, input)], signal),
  };
}

function findCommand(root: Route, path: readonly string[]): Command<CliContext> {
  let route = root;
  for (const name of path) {
    if ("parameters" in route) break;
    const next = route.getAllEntries()
      .find((entry) => entry.name["convert-camel-to-kebab"] === name)?.target;
    if (!next) throw new AppError("internal", `There is no verb "${path.join(" ")}"`);
    route = next;
  }
  if ("parameters" in route) return route;
  throw new AppError("internal", `"${path.join(" ")}" is no verb`);
}

/** Runs the verb in a process of its own, with this one's home and database, as the doing of who calls. */
async function runVerb(
  { home, profileName, env }: CliContext,
  caller: VerifiedCaller,
  words: readonly string[],
  signal: AbortSignal,
): Promise<CommandResult> {
  const self = selfCommand();
  const profile = profileName === undefined ? [] : [`--profile=${profileName}`];
  const { code, stdout } = await new Deno.Command(self.command, {
    args: [...self.args, "--json", "--quiet", `--home=${home}`, ...profile, ...words],
    clearEnv: true,
    env: { ...env, [CALLER_VARIABLE]: JSON.stringify(caller) },
    stdin: "null",
    stderr: "null",
    signal,
  }).output();
  return { status: code, document: parse(new TextDecoder().decode(stdout)) };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text);
  } catch {
    return { error: { code: "internal", message: "The command printed no document" } };
  }
}
