import {
  AliasNotFoundError,
  ArgumentParseError,
  EnumValidationError,
  FlagNotFoundError,
  InvalidNegatedFlagSyntaxError,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { AppError, messageOf } from "../kernel/errors.ts";
import { GLOBAL_FLAGS } from "./globals.ts";
import type { Place } from "./locate.ts";
import { kebab } from "./output/help.ts";
import { docsOf } from "./verb.ts";
import { didYouMean } from "../kernel/suggest.ts";

/** Says in our words what the parser found wrong with the command line of the verb at `place`. */
export function usageError(problem: unknown, place: Place): AppError {
  if (docsOf(place.route)?.secretive && repeatsInput(problem)) return strayInput(place);
  const own = "parameters" in place.route ? Object.keys(place.route.parameters.flags ?? {}) : [];
  if (problem instanceof FlagNotFoundError) return unknownFlag(`--${problem.input}`, own);
  if (problem instanceof AliasNotFoundError) return unknownFlag(`-${problem.input}`, own);
  return new AppError("usage", describe(problem), { hint: hintFor(problem, place) });
}

/** Whether the message about the problem would show what was typed. */
function repeatsInput(problem: unknown): boolean {
  return problem instanceof FlagNotFoundError || problem instanceof AliasNotFoundError ||
    problem instanceof UnexpectedPositionalError;
}

function strayInput({ path }: Place): AppError {
  return new AppError("usage", `An argument is not one of "${path.join(" ")}"; it is not shown`, {
    hint:
      "A secret is never an argument: other users see it, and the shell keeps it. Give it on standard " +
      "input, by --from-file, or when asked. If it was one, replace it where it came from.",
  });
}

/** @param own Names of the verb's own flags, in camelCase. */
export function unknownFlag(flag: string, own: readonly string[]): AppError {
  const known = [...own.map(kebab), ...GLOBAL_FLAGS.map(({ name }) => name)];
  const hint = didYouMean(flag.replace(/=.*$/s, ""), known.map((name) => `--${name}`));
  return new AppError("usage", `Unknown flag ${JSON.stringify(flag)}`, hint ? { hint } : {});
}

function hintFor(problem: unknown, { path }: Place): string {
  const nearest = problem instanceof EnumValidationError
    ? didYouMean(problem.input, problem.values)
    : undefined;
  return nearest ?? `See "${path.join(" ")} --help".`;
}

function describe(problem: unknown): string {
  if (problem instanceof ArgumentParseError) {
    return `${problem.externalFlagNameOrPlaceholder}: ${messageOf(problem.exception)}`;
  }
  if (problem instanceof EnumValidationError) {
    const values = problem.values.map((value) => JSON.stringify(value)).join(", ");
    return `Cannot use ${JSON.stringify(problem.input)} for "--${problem.externalFlagName}": ` +
      `expected one of ${values}`;
  }
  if (problem instanceof UnsatisfiedFlagError) {
    return `Expected a value for "--${problem.externalFlagName}"`;
  }
  if (problem instanceof UnexpectedPositionalError) {
    return `Unexpected argument ${JSON.stringify(problem.input)}`;
  }
  if (problem instanceof UnsatisfiedPositionalError) {
    return `Expected an argument: <${problem.placeholder}>`;
  }
  if (problem instanceof UnexpectedFlagError) {
    return `Flag "--${problem.externalFlagName}" is given twice`;
  }
  if (problem instanceof InvalidNegatedFlagSyntaxError) {
    return `Flag "--${problem.externalFlagName}" takes no value`;
  }
  return messageOf(problem);
}
