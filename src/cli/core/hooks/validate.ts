import { resolve } from "node:path";
import { parse } from "yaml";
import { AppError, messageOf } from "../../../kernel/errors.ts";
import { findHookProblems, type HookProblem, listHooks } from "../../../plugins/mod.ts";
import type { CliContext } from "../../context.ts";
import { EXIT } from "../../exit.ts";
import { claudeFiles, readSettings, type SettingsFile } from "./client_files.ts";
import { addressProblems, fileProblems, tokenProblems } from "./live_checks.ts";

interface Flags {
  readonly dir?: string;
}

/** A file and what stands in it. */
interface Source {
  readonly scope: SettingsFile["scope"] | "file";
  readonly path: string;
  readonly settings: unknown;
}

type Located = HookProblem & { readonly file: string };

export default async function validate(
  this: CliContext,
  { dir }: Flags,
  file: string | undefined,
): Promise<void> {
  const sources = file === undefined ? await installed(this, dir) : [await named(this, file)];
  const problems: Located[] = [];
  for (const source of sources) {
    for (const found of await check(this, source)) problems.push({ ...found, file: source.path });
  }
  if (!sources.some(({ settings }) => isGoverning(settings))) problems.push(nothing(sources));
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const files = sources.map(({ path }) => path);
  this.out.table({
    kind: "hooks.validate",
    rows: problems,
    columns: [
      "severity",
      "rule",
      "event",
      "message",
      { label: "FILE", of: (row) => row.file, keep: true },
    ],
    data: { valid: errors === 0, files, problems },
    empty: "The hooks are as they should be, and the appliance answers.",
  });
  if (errors > 0) this.setExit(EXIT.invalid);
}

async function check(context: CliContext, source: Source): Promise<readonly HookProblem[]> {
  const hooks = listHooks(source.settings).filter(({ endpoint }) => endpoint !== undefined);
  return [
    ...findHookProblems(source.settings),
    ...await fileProblems(source, hooks),
    ...await addressProblems(context, hooks),
    ...await tokenProblems(context, hooks),
  ];
}

function isGoverning(settings: unknown): boolean {
  return listHooks(settings).some(({ endpoint }) => endpoint === "govern");
}

function nothing(sources: readonly Source[]): Located {
  return {
    severity: "error",
    rule: "not_installed",
    event: undefined,
    message: "No hook asks an appliance: nothing is governed",
    file: sources.at(-1)?.path ?? "",
  };
}

async function installed(context: CliContext, dir: string | undefined): Promise<readonly Source[]> {
  const files = await Promise.all(
    claudeFiles(context, dir).map(async (file) => ({
      ...file,
      settings: await readSettings(file.path),
    })),
  );
  return files.filter(({ settings }) => settings !== undefined);
}

/** JSON is YAML: one reader does for settings, plugin bundles and plugin configurations. */
async function named(context: CliContext, file: string): Promise<Source> {
  const path = resolve(context.cwd, file);
  const text = await Deno.readTextFile(path).catch((cause) => {
    throw new AppError("not_found", `Cannot read "${file}": ${messageOf(cause)}`, { cause });
  });
  try {
    const known = claudeFiles(context, undefined).find((one) => one.path === path);
    const settings = parse(text, { logLevel: "silent" });
    return { scope: known?.scope ?? "file", path, settings };
  } catch {
    throw new AppError("invalid", `"${file}" is neither valid JSON nor valid YAML`);
  }
}
