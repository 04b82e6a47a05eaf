import type { RouteMap } from "@stricli/core";
import { AppError } from "../kernel/errors.ts";
import type { CliContext } from "./context.ts";
import { group, type Route, verb } from "./verb.ts";

/** A domain or a short form: described here, loaded when it is asked for. */
export interface Entry {
  readonly brief: string;
  /** Not listed: for processes that we start, not for people. */
  readonly hidden?: boolean;
  readonly load: () => Promise<Route>;
}

export type Entries = Readonly<Record<string, Entry>>;

const BRIEF = "One appliance that decides, records and explains what agents do";

/** The root with the one route that `name` names loaded; the others show their brief only. */
export async function routesFor(
  entries: Entries,
  name: string | undefined,
): Promise<RouteMap<CliContext>> {
  const routes = await Promise.all(
    Object.entries(entries).map(async ([key, entry]) =>
      [key, key === name ? await entry.load() : unloaded(entry)] as const
    ),
  );
  return group(BRIEF, Object.fromEntries(routes), { hidden: hiddenOf(entries) });
}

/** The whole tree, for completion and for what is generated from it. */
export async function allRoutes(entries: Entries): Promise<RouteMap<CliContext>> {
  const routes = await Promise.all(
    Object.entries(entries).map(async ([key, entry]) => [key, await entry.load()] as const),
  );
  return group(BRIEF, Object.fromEntries(routes), { hidden: hiddenOf(entries) });
}

function hiddenOf(entries: Entries): readonly string[] {
  return Object.entries(entries).filter(([, { hidden }]) => hidden).map(([name]) => name);
}

function unloaded({ brief }: Entry): Route {
  return verb({
    brief,
    examples: [],
    exits: [],
    load: () => Promise.reject(new AppError("internal", `Cannot run "${brief}": not loaded`)),
  });
}
