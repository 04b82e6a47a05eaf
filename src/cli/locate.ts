import { AppError } from "../kernel/errors.ts";
import { didYouMean } from "../kernel/suggest.ts";
import type { Route } from "./verb.ts";

/** Where a command line leads: the verb, or the last group that could be found. */
export interface Place {
  readonly route: Route;
  /** `["spgov", "infra", "db"]` */
  readonly path: readonly string[];
}

/** Follows the names in `args` from the root as far as they go. */
export function locate(root: Route, args: readonly string[]): Place {
  let route = root;
  const path = ["spgov"];
  for (const name of args) {
    if (!("getAllEntries" in route)) break;
    const next = route.getRoutingTargetForInput(name) ??
      route.getRoutingTargetForInput(camel(name));
    if (!next) break;
    route = next;
    path.push(name);
  }
  return { route, path };
}

function camel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export function unknownCommand(input: string, { route, path }: Place): AppError {
  const entries = "getAllEntries" in route ? route.getAllEntries() : [];
  const names = entries.filter(({ hidden }) => !hidden)
    .flatMap(({ name, aliases }) => [name["convert-camel-to-kebab"], ...aliases]);
  return new AppError(
    "usage",
    `Unknown command ${JSON.stringify(input)} after "${path.join(" ")}"`,
    {
      hint: didYouMean(input, names) ?? `See "${path.join(" ")} --help".`,
    },
  );
}
