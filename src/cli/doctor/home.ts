import { join } from "node:path";
import { homeAt } from "../../kernel/home.ts";
import { formatBytes } from "../output/cell.ts";
import { findProfile, findProfilePath } from "../profile.ts";
import { type Check, fail, type Finding, ok, warn } from "./check.ts";

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  return await Deno.lstat(path).catch(() => undefined);
}

function octal(info: Deno.FileInfo): string {
  return ((info.mode ?? 0) & 0o777).toString(8).padStart(4, "0");
}

export const home: Check = {
  name: "home",
  async run({ home: path }) {
    const info = await infoOf(path);
    if (!info) return warn(`"${path}" does not exist yet`, 'Run "spgov start" to make it.');
    if (!info.isDirectory) return fail(`"${path}" is no folder`, "Choose another home by --home.");
    if (info.uid !== null && Deno.uid() !== 0 && info.uid !== Deno.uid()) {
      return fail(`"${path}" belongs to another user`, "Run as its owner, or choose another home.");
    }
    if (((info.mode ?? 0) & OTHERS_WRITE) !== 0) {
      return fail(`Others may write to "${path}" (${octal(info)})`, `Run: chmod go-w "${path}"`);
    }
    return ok(`${path} (${octal(info)})`);
  },
};

export const profile: Check = {
  name: "profile",
  async run(context) {
    const path = await findProfilePath(context);
    if (path === undefined) return ok("None; the defaults hold");
    await findProfile(context);
    return ok(path);
  },
};

export const keyFiles: Check = {
  name: "key-files",
  async run({ home: path }) {
    const folder = homeAt(path).keys;
    const info = await infoOf(folder);
    if (!info) return ok("No key yet");
    const open = ((info.mode ?? 0) & OTHERS) === 0 ? [] : [`${folder} (${octal(info)})`];
    let files = 0;
    for await (const { name } of Deno.readDir(folder)) {
      files++;
      const file = await infoOf(join(folder, name));
      if (!file || ((file.mode ?? 0) & OTHERS) !== 0 || file.isSymlink) {
        open.push(file ? `${name} (${file.isSymlink ? "a link" : octal(file)})` : name);
      }
    }
    if (open.length === 0) return ok(`${files} files, readable by their owner only`);
    return fail(
      `Others may read ${open.join(", ")}`,
      `Run: chmod -R go-rwx "${folder}", and replace the keys if anybody else can sign in here.`,
    );
  },
};

export const ballast: Check = {
  name: "ballast",
  async run({ home: path }): Promise<Finding> {
    const base = await databaseFolder(path);
    if (base === undefined) return ok("No embedded database here");
    const file = join(base, "ballast");
    const info = await infoOf(file);
    if (info) return ok(`${formatBytes(info.size)} to delete when the disk is full: ${file}`);
    return warn(
      `There is no "${file}"`,
      'The next "spgov start" makes it when four times its size is free.',
    );
  },
};

/** The folder that holds the embedded database, as its record in the home says. */
export async function databaseFolder(path: string): Promise<string | undefined> {
  try {
    const { base } = JSON.parse(await Deno.readTextFile(join(path, "postgres.json")));
    return base.startsWith("/") ? base : join(path, base);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
