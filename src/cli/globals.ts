import { AppError } from "../kernel/errors.ts";
import type { Environment } from "./host.ts";
import { parsePort } from "./parse.ts";

/** Flags that every verb accepts, wherever they stand on the line. */
export interface Globals {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
  readonly help: boolean;
  readonly version: boolean;
  /** As given; undefined means `./.spgov`. */
  readonly home: string | undefined;
  readonly profile: string | undefined;
  readonly port: number | undefined;
}

interface GlobalFlag {
  readonly name: string;
  readonly alias?: string;
  /** Present when the flag takes a value. */
  readonly placeholder?: string;
  readonly variable?: string;
  readonly brief: string;
}

/** In the order in which `--help` lists them. */
export const GLOBAL_FLAGS: readonly GlobalFlag[] = [
  { name: "json", brief: "Print one JSON document (one a line when following)" },
  {
    name: "home",
    placeholder: "DIR",
    variable: "SPGOV_HOME",
    brief: "Home folder, default ./.spgov",
  },
  {
    name: "profile",
    placeholder: "NAME|PATH",
    variable: "SPGOV_PROFILE",
    brief: "Profile to work with",
  },
  { name: "port", placeholder: "N", variable: "SPGOV_PORT", brief: "Port of the service" },
  { name: "quiet", alias: "q", brief: "No notes and no progress on standard error" },
  { name: "verbose", alias: "v", brief: "Log what happens, with causes of errors" },
  { name: "no-color", variable: "NO_COLOR", brief: "No colours" },
  { name: "help", alias: "h", brief: "Print this help" },
  { name: "version", brief: "Print the version" },
];

interface Split {
  readonly globals: Globals;
  /** The arguments that are not global. */
  readonly rest: readonly string[];
}

/** Takes the global flags out of `args`, up to `--`, and fills the gaps from the environment. */
export function splitGlobals(args: readonly string[], env: Environment): Split {
  const given = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--") {
      rest.push(...args.slice(i));
      break;
    }
    const flag = globalFlagOf(arg);
    if (!flag) {
      rest.push(arg);
    } else if (flag.placeholder === undefined) {
      given.set(flag.name, "true");
    } else {
      const inline = arg.indexOf("=");
      given.set(flag.name, inline > 0 ? arg.slice(inline + 1) : valueOf(flag, args[++i]));
    }
  }
  return { globals: toGlobals(given, env), rest };
}

/** Whether `args` ask for JSON: also known when they cannot be understood otherwise. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes("--json");
}

function globalFlagOf(arg: string): GlobalFlag | undefined {
  return GLOBAL_FLAGS.find(({ name, alias, placeholder }) =>
    arg === `--${name}` || arg === `-${alias}` ||
    (placeholder !== undefined && arg.startsWith(`--${name}=`))
  );
}

function valueOf(flag: GlobalFlag, value: string | undefined): string {
  if (value !== undefined && !value.startsWith("--")) return value;
  throw new AppError("usage", `Expected a value after "--${flag.name}": ${flag.placeholder}`);
}

function toGlobals(given: ReadonlyMap<string, string>, env: Environment): Globals {
  const port = given.get("port") ?? nonEmpty(env.SPGOV_PORT);
  if (given.has("quiet") && given.has("verbose")) {
    throw new AppError("usage", 'Cannot combine "--quiet" with "--verbose"');
  }
  return {
    json: given.has("json"),
    quiet: given.has("quiet"),
    verbose: given.has("verbose"),
    color: !given.has("no-color") && nonEmpty(env.NO_COLOR) === undefined && env.TERM !== "dumb",
    help: given.has("help"),
    version: given.has("version"),
    home: nonEmpty(given.get("home") ?? env.SPGOV_HOME),
    profile: nonEmpty(given.get("profile") ?? env.SPGOV_PROFILE),
    port: port === undefined ? undefined : parsePort(port),
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}
