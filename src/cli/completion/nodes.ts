import { COMMANDS } from "../commands.ts";
import { GLOBAL_FLAGS } from "../globals.ts";
import { kebab } from "../output/help.ts";
import { allRoutes } from "../tree.ts";
import type { Route } from "../verb.ts";

export interface Word {
  readonly word: string;
  readonly brief: string;
}

/** One place on the command line, and what may stand there. */
export interface Node {
  /** `infra db`; empty for the root. */
  readonly path: string;
  readonly commands: readonly Word[];
  /** The verb's own flags. */
  readonly flags: readonly Word[];
}

/** Every place of the tree, the root first. */
export async function listNodes(): Promise<Node[]> {
  return nodesOf(await allRoutes(COMMANDS), []);
}

function nodesOf(route: Route, path: readonly string[]): Node[] {
  if ("parameters" in route) {
    const flags = Object.entries(route.parameters.flags ?? {}).filter(([, flag]) => !flag.hidden)
      .map(([name, flag]) => ({ word: `--${kebab(name)}`, brief: flag.brief }));
    return [{ path: path.join(" "), commands: [], flags }];
  }
  const entries = route.getAllEntries().filter(({ hidden }) => !hidden);
  const commands = entries.map(({ name, target }) => ({
    word: name["convert-camel-to-kebab"],
    brief: target.brief,
  }));
  return [
    { path: path.join(" "), commands, flags: [] },
    ...entries.flatMap(({ name, target }) =>
      nodesOf(target, [...path, name["convert-camel-to-kebab"]])
    ),
  ];
}

/** The flags that go everywhere. */
export const GLOBAL_WORDS: readonly Word[] = GLOBAL_FLAGS.map(({ name, brief }) => ({
  word: `--${name}`,
  brief,
}));

/** Global flags whose value is the next word: a path walker has to skip it. */
export const VALUE_FLAGS: readonly string[] = GLOBAL_FLAGS
  .filter(({ placeholder }) => placeholder !== undefined).map(({ name }) => `--${name}`);

/** A word in single quotes, for any of the three shells. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "’").replaceAll("\\", "\\\\")}'`;
}
