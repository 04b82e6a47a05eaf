import * as z from "zod";
import { expressionProblem } from "./expressions.ts";

const id = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "Expected lower case letters, digits and _");
const glob = z.string().min(1).max(256);
const words = z.string().min(1).max(256);

const expression = z.string().min(1).max(512).superRefine((source, context) => {
  const problem = expressionProblem(source);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** A glob or word over a tool's own name, or `/expression/`. */
const namePattern = z.string().min(1).max(256).superRefine((pattern, context) => {
  const source = expressionOf(pattern);
  const problem = source === undefined ? undefined : expressionProblem(source);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** Whom a rule spares (`except`) or to whom alone it applies (`only`). */
const audience = z.strictObject({
  roles: z.array(z.string()).default([]),
  departments: z.array(z.string()).default([]),
  agents: z.array(z.string()).default([]),
  plugins: z.array(z.string()).default([]),
});

/** What one string of the arguments must be: every condition given must hold. */
const argument = z.strictObject({
  /** Globs over the JSON path, e.g. `*.sql`; none: every string. */
  paths: z.array(glob).default([]),
  /** Any of these globs over the whole string, without regard to case. */
  glob: z.array(glob).optional(),
  /** Any of these globs over the string as a file path: `~`, `..` and doubled slashes resolved. */
  file: z.array(glob).optional(),
  /** Spares paths that one of these globs matches. */
  unless_file: z.array(glob).default([]),
  regex: expression.optional(),
  /** Words in a row, e.g. `drop table|schema`; `*` is any word. */
  words: z.array(words).optional(),
  /** The same over SQL: comments, string literals and white space do not count. */
  sql: z.array(words).optional(),
}).refine(
  (a) => a.glob ?? a.file ?? a.regex ?? a.words ?? a.sql,
  "Expected glob, file, regex, words or sql",
);

const alternatives = z.union([glob, z.array(glob).min(1)]);

/** A condition on one command of a shell script: every part given must hold. */
const shell = z.strictObject({
  /** The command's base name. */
  command: alternatives,
  /** Each must be there: `-r|-R|--recursive`; letters are found in clusters, `--rec` is `--recursive`. */
  flags: z.array(z.string().min(2)).default([]),
  /** Operands in this order, others may stand between them. */
  args: z.array(alternatives).default([]),
  /** At least one word matches. */
  any: z.array(glob).default([]),
  /** No word matches. */
  unless: z.array(glob).default([]),
  /** The last operand matches. */
  last: z.array(glob).default([]),
  /** A word, or a part of it after `=` or `@`, names such a file. */
  paths: z.array(glob).default([]),
  unless_paths: z.array(glob).default([]),
  /** Commands that may name such a file. */
  unless_command: z.array(z.string().min(1)).default([]),
  reads: z.array(glob).default([]),
  writes: z.array(glob).default([]),
  /** One of these commands writes into this one, by pipe or substitution. */
  from: z.array(glob).default([]),
  /** Something is piped or redirected in. */
  piped: z.boolean().optional(),
  sql: z.array(words).default([]),
  /** Over the command line with one space between words. */
  line: expression.optional(),
  /** Over each word and what is known of standard input. */
  code: expression.optional(),
});

const rule = z.strictObject({
  id,
  description: z.string().min(1),
  enabled: z.boolean().default(true),
  /** Globs over tool name or target, `!glob` excludes; none: every tool. */
  tools: z.array(glob).default([]),
  names: z.array(namePattern).default([]),
  unless_names: z.array(glob).default([]),
  arguments: z.array(argument).default([]),
  shell: z.array(shell).default([]),
  except: audience.optional(),
  only: audience.optional(),
}).refine(
  (r) => r.names.length + r.arguments.length + r.shell.length > 0,
  "Expected at least one of names, arguments and shell",
);

const category = z.strictObject({
  description: z.string().min(1),
  enabled: z.boolean().default(true),
  rules: z.array(rule),
}).superRefine(({ rules }, context) => {
  rules.forEach((r, i) => {
    if (rules.findIndex((other) => other.id === r.id) < i) {
      context.addIssue({
        code: "custom",
        path: ["rules", i, "id"],
        message: `Duplicate id "${r.id}"`,
      });
    }
  });
});

/** The schema of `services/governance/blocklist.yaml`. */
export const blocklistConfig = z.strictObject({
  /** Which strings are shell scripts. */
  shell_inputs: z.strictObject({
    /** Last keys of the JSON path, whatever the tool. */
    keys: z.array(z.string().min(1)).default(["command", "cmd", "script", "shell"]),
    /** Tools all of whose strings are scripts: globs over name or target. */
    tools: z.array(glob).default([]),
  }).default({ keys: ["command", "cmd", "script", "shell"], tools: [] }),
  categories: z.record(id, category),
});

export type BlocklistConfig = z.output<typeof blocklistConfig>;
export type RuleConfig = z.output<typeof rule>;
export type ArgumentConfig = z.output<typeof argument>;
export type ShellConfig = z.output<typeof shell>;
export type Audience = z.output<typeof audience>;

/** The source of a `/expression/`, or undefined for anything else. */
export function expressionOf(pattern: string): string | undefined {
  return pattern.length > 2 && pattern.startsWith("/") && pattern.endsWith("/")
    ? pattern.slice(1, -1)
    : undefined;
}
