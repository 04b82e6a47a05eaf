import {
  buildCommand,
  buildRouteMap,
  type Command,
  type CommandFunctionLoader,
  type RouteMap,
  type TypedCommandParameters,
} from "@stricli/core";
import type { CliContext } from "./context.ts";
import type { ExitName } from "./exit.ts";

/** A verb or a group of verbs. */
export type Route = Command<CliContext> | RouteMap<CliContext>;

export interface Example {
  /** What follows `spgov`. */
  readonly line: string;
  readonly says?: string;
}

export interface VerbDocs {
  /** One line, imperative, no full stop. */
  readonly brief: string;
  /** More than the brief, as paragraphs. */
  readonly description?: string;
  readonly examples: readonly Example[];
  /** Which statuses it can end with beside `ok` and `usage`. */
  readonly exits: readonly ExitName[];
  /** What stands in the command line by mistake may be a secret: no message repeats it. */
  readonly secretive?: boolean;
}

export interface VerbSpec<
  Flags extends Readonly<Record<string, unknown>>,
  Args extends readonly unknown[],
> extends VerbDocs {
  /** Imports the file whose default export does the work: nothing heavy loads before that. */
  readonly load: CommandFunctionLoader<Flags, Args, CliContext>;
}

const DOCS = new WeakMap<object, VerbDocs>();

/** What `--help` says beyond parameters; undefined for groups. */
export function docsOf(route: Route): VerbDocs | undefined {
  return DOCS.get(route);
}

/** Names without `Object`'s own: `spgov constructor` is an unknown command, not a crash. */
function bare<T extends object>(members: T): T {
  return Object.assign(Object.create(null), members);
}

/** Describes a verb. See the top of `main.ts`. */
export function verb<
  const FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>> = NonNullable<unknown>,
  const ARGS extends readonly unknown[] = [],
>(
  spec: VerbSpec<FLAGS, ARGS> & NoInfer<TypedCommandParameters<FLAGS, ARGS, CliContext>>,
): Command<CliContext> {
  const { brief, description, examples, exits, secretive = false, load } = spec;
  const built = buildCommand<FLAGS, ARGS, CliContext>({
    loader: load,
    parameters: spec as NoInfer<TypedCommandParameters<FLAGS, ARGS, CliContext>>,
    docs: { brief },
  });
  const { flags = {}, ...parameters } = built.parameters;
  const command = { ...built, parameters: { ...parameters, flags: bare(flags) } };
  DOCS.set(command, {
    brief,
    examples,
    exits,
    secretive,
    ...description !== undefined && { description },
  });
  return command;
}

export interface GroupOptions {
  /** Old or second names of routes: alias to route. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Routes that can be called and are listed nowhere. */
  readonly hidden?: readonly string[];
}

/** A noun with its verbs. Route names are camelCase here and kebab-case on the command line. */
export function group(
  brief: string,
  routes: Readonly<Record<string, Route>>,
  { aliases = {}, hidden = [] }: GroupOptions = {},
): RouteMap<CliContext> {
  return buildRouteMap<string, CliContext>({
    routes: bare(routes),
    aliases: bare(aliases) as Readonly<Record<never, string>>,
    docs: { brief, hideRoute: Object.fromEntries(hidden.map((name) => [name, true])) },
  });
}
