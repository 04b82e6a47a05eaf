import { dirname, join, resolve } from "node:path";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";

export type Scope = "managed" | "user" | "project" | "local";

/** A settings file of the client. */
export interface SettingsFile {
  readonly scope: Scope;
  readonly path: string;
}

/** Where Claude Code looks for settings: of the host, the user and the project in `dir`. */
export function claudeFiles(context: CliContext, dir: string | undefined): readonly SettingsFile[] {
  const project = join(resolve(context.cwd, dir ?? "."), ".claude");
  const files: readonly SettingsFile[] = [
    { scope: "managed", path: managedPath() },
    { scope: "user", path: userSettings(context) },
    { scope: "project", path: join(project, "settings.json") },
    { scope: "local", path: join(project, "settings.local.json") },
  ];
  return files.filter(({ path }, i) => files.findIndex((file) => file.path === path) === i);
}

/** The file that holds for everything this user does. */
export function userSettings({ env, cwd }: CliContext): string {
  if (env.CLAUDE_CONFIG_DIR) return resolve(cwd, env.CLAUDE_CONFIG_DIR, "settings.json");
  if (env.HOME) return join(env.HOME, ".claude", "settings.json");
  throw new AppError("usage", "Cannot tell where the user's settings are: HOME is not set");
}

/** The file that holds for one project on this machine only: what holds a token is not committed. */
export function localSettings({ cwd }: CliContext, dir: string | undefined): string {
  return join(resolve(cwd, dir ?? "."), ".claude", "settings.local.json");
}

function managedPath(): string {
  return Deno.build.os === "darwin"
    ? "/Library/Application Support/ClaudeCode/managed-settings.json"
    : "/etc/claude-code/managed-settings.json";
}

/** The file as JSON; undefined where there is none. Throws `invalid` when it is none. */
export async function readSettings(path: string): Promise<unknown> {
  const text = await readIfPresent(path);
  if (text === undefined || text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("invalid", `Cannot use "${path}": it is not valid JSON`, {
      hint: "Nothing was changed; correct the file first.",
    });
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new AppError("forbidden", `Cannot read "${path}"`, { cause });
  }
}

/** Puts the file in place in one step, for its owner's eyes only: it holds a token. */
export async function writeSettings(path: string, settings: unknown): Promise<void> {
  const target = await Deno.realPath(path).catch(() => path);
  await makeFolder(dirname(target));
  const draft = `${target}.${crypto.randomUUID()}`;
  try {
    const text = JSON.stringify(settings, undefined, 2) + "\n";
    await Deno.writeTextFile(draft, text, { createNew: true, mode: 0o600 });
    await handOver(draft, await Deno.stat(target).catch(() => Deno.stat(dirname(target))));
    await Deno.rename(draft, target);
  } finally {
    await Deno.remove(draft).catch(() => undefined);
  }
}

async function makeFolder(path: string): Promise<void> {
  if (await Deno.stat(path).catch(() => undefined)) return;
  await makeFolder(dirname(path));
  await Deno.mkdir(path, { mode: 0o700 });
  await handOver(path, await Deno.stat(dirname(path)));
}

/** Root works for whoever has the folder: a file that its client cannot read would govern nothing. */
async function handOver(path: string, { uid, gid }: Deno.FileInfo): Promise<void> {
  if (Deno.uid() === 0 && uid !== null && gid !== null) await Deno.chown(path, uid, gid);
}
