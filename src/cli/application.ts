import {
  type ApplicationText,
  buildApplication,
  run,
  type StricliIntegration,
  text_en,
} from "@stricli/core";
import { AppError } from "../kernel/errors.ts";
import type { CliContext } from "./context.ts";
import { helpText } from "./output/help.ts";
import type { OutHandle } from "./output/out.ts";
import { locate, type Place, unknownCommand } from "./locate.ts";
import { type Entries, routesFor } from "./tree.ts";
import { unknownFlag, usageError } from "./usage_error.ts";

interface RunOptions {
  /** `--help` was given. */
  readonly help: boolean;
  readonly out: OutHandle;
}

/** Finds the verb that `args` name and runs it. Throws what went wrong, in whatever phase. */
export async function runApplication(
  entries: Entries,
  args: readonly string[],
  context: CliContext,
  { help, out }: RunOptions,
): Promise<void> {
  const [first] = args;
  if (first?.startsWith("-") && first !== "--") throw unknownFlag(first, []);
  const root = await routesFor(entries, first);
  const place = locate(root, args);
  const thrown: unknown[] = [];
  const application = buildApplication<CliContext>(root, {
    name: "spgov",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    localization: { text: textThatKeeps(thrown, place) },
  }, { help: helpIntegration(place, out, help) });
  await run(application, help ? withHelp(args) : args, context);
  if (thrown.length > 0) throw joined(thrown);
}

/** `--help` wins over whatever else stands on the line, so it goes last, but before `--`. */
function withHelp(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return [...end < 0 ? args : args.slice(0, end), "--help"];
}

function helpIntegration(
  { route, path }: Place,
  out: OutHandle,
  asked: boolean,
): StricliIntegration<CliContext> {
  return {
    flag: {
      brief: "Print this help",
      global: true,
      defaultForRouteMap: true,
      run() {
        const text = helpText(route, path);
        const command = path.join(" ");
        if (asked) return out.text({ kind: "help", text, data: { command, text } });
        if (!out.isJson) out.errorLine(text);
        throw new AppError("usage", `Expected a command after "${command}"`);
      },
    },
  };
}

/** The parser's texts, none of which is printed: they are where it tells what went wrong. */
function textThatKeeps(thrown: unknown[], place: Place): ApplicationText {
  const keep = (problem: unknown): string => {
    thrown.push(problem);
    return "";
  };
  return {
    ...text_en,
    noCommandRegisteredForInput: ({ input }) => keep(unknownCommand(input, place)),
    exceptionWhileParsingArguments: (problem) => keep(usageError(problem, place)),
    exceptionWhileLoadingCommandFunction: keep,
    exceptionWhileLoadingCommandContext: keep,
    exceptionWhileRunningCommand: keep,
    commandErrorResult: keep,
    exceptionWhileRunningIntegrationFlag: ({ exception }) => keep(exception),
    exceptionWhileRunningIntegrationHook: ({ exception }) => keep(exception),
  };
}

/** Several things wrong with one command line are one error with several lines. */
function joined(thrown: readonly unknown[]): unknown {
  const [first] = thrown;
  if (thrown.length === 1 || !(first instanceof AppError)) return first;
  const messages = thrown.map((one) => one instanceof Error ? one.message : String(one));
  return new AppError(first.code, messages.join("\n"), first.hint ? { hint: first.hint } : {});
}
