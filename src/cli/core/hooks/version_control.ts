import { dirname, resolve } from "node:path";
import { AppError } from "../../../kernel/errors.ts";

/** What keeps a file out of commits, found before anything is written. */
export type CommitGuard =
  | { readonly state: "no_repository" | "ignored" }
  /** This line in that file would do it. */
  | { readonly state: "exclude"; readonly excludeFile: string; readonly line: string }
  | { readonly state: "unknown" };

const LINE = "**/.claude/settings.local.json";

/** Finds out. Throws `conflict` when the file is in the repository already. */
export async function findCommitGuard(path: string): Promise<CommitGuard> {
  const folder = await nearestFolder(dirname(path));
  if (!await isInRepository(folder)) return { state: "no_repository" };
  const tracked = await git(folder, ["ls-files", "--error-unmatch", "--", path]);
  if (tracked?.success) {
    throw new AppError("conflict", `"${path}" is under version control: a token must not be`, {
      hint: `Run: git rm --cached "${path}"`,
    });
  }
  const ignored = await git(folder, ["check-ignore", "-q", "--", path]);
  if (ignored?.success) return { state: "ignored" };
  const exclude = await git(folder, ["rev-parse", "--git-path", "info/exclude"]);
  return exclude?.success
    ? { state: "exclude", excludeFile: resolve(folder, exclude.text), line: LINE }
    : { state: "unknown" };
}

/** Adds the line to the repository's own list, which is not committed either. */
export async function excludeFromCommits(
  { excludeFile, line }: Extract<CommitGuard, { state: "exclude" }>,
): Promise<void> {
  const before = await Deno.readTextFile(excludeFile).catch(() => "");
  if (before.split("\n").includes(line)) return;
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  await Deno.mkdir(dirname(excludeFile), { recursive: true });
  await Deno.writeTextFile(excludeFile, `${before}${gap}${line}\n`);
}

async function nearestFolder(path: string): Promise<string> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isDirectory || dirname(path) === path ? path : await nearestFolder(dirname(path));
}

async function isInRepository(folder: string): Promise<boolean> {
  if (await Deno.lstat(`${folder}/.git`).catch(() => undefined)) return true;
  return dirname(folder) !== folder && await isInRepository(dirname(folder));
}

/** Undefined where the host has no git. */
async function git(
  folder: string,
  args: readonly string[],
): Promise<{ readonly success: boolean; readonly text: string } | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", folder, ...args],
      stdin: "null",
      stderr: "null",
    }).output();
    return { success, text: new TextDecoder().decode(stdout).trim() };
  } catch {
    return undefined;
  }
}
