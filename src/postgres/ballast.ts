import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Log } from "../kernel/log.ts";
import { messageOf } from "../kernel/errors.ts";
import { findInfo, writeAll } from "./file_access.ts";

const MEGABYTE = 1024 * 1024;
const DEFAULT_MB = 256;

function defaultMegabytes(): number {
  const text = Deno.env.get("SPGOV_BALLAST_MB") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : DEFAULT_MB;
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(path));
  return bavail * bsize;
}

async function allocate(path: string, bytes: number): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("fallocate", {
      args: ["-l", `${bytes}`, path],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** Random content: a file system that compresses would not keep the room for zeros. */
async function fill(path: string, bytes: number): Promise<void> {
  const block = new Uint8Array(MEGABYTE);
  for (let at = 0; at < block.length; at += 65_536) {
    crypto.getRandomValues(block.subarray(at, at + 65_536));
  }
  using file = await Deno.open(path, { write: true, create: true, truncate: true, mode: 0o600 });
  for (let done = 0; done < bytes; done += block.length) {
    await writeAll(file, block.subarray(0, Math.min(block.length, bytes - done)));
  }
}

/**
 * Keeps a file on the data volume that an operator deletes when the disk is full: PostgreSQL cannot even
 * start then. Made again once there is four times its size free. `SPGOV_BALLAST_MB` changes its size, 0 leaves it out.
 */
export async function keepBallast(
  path: string,
  log: Log,
  megabytes: number = defaultMegabytes(),
): Promise<void> {
  const bytes = megabytes * MEGABYTE;
  if (bytes === 0 || (await findInfo(path))?.size === bytes) return;
  const draft = `${path}.new`;
  try {
    if (await freeBytes(path) < 4 * bytes) {
      log.warn("No ballast file: too little disk space is free", { path, bytes });
      return;
    }
    if (!await allocate(draft, bytes)) await fill(draft, bytes);
    await Deno.chmod(draft, 0o600);
    await Deno.rename(draft, path);
  } catch (error) {
    log.warn("No ballast file", { path, error: messageOf(error) });
    await Deno.remove(draft).catch(() => {});
  }
}
