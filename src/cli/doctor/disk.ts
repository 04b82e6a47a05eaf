import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { formatBytes } from "../output/cell.ts";
import { type Check, fail, ok, warn } from "./check.ts";
import { databaseFolder } from "./home.ts";

const ENOUGH_BYTES = 2 * 1024 ** 3;
const LEAST_BYTES = 300 * 1024 ** 2;

export const disk: Check = {
  name: "disk",
  async run({ home }) {
    const path = await nearestExisting(await databaseFolder(home) ?? home);
    const { bavail, bsize, blocks } = await statfs(path);
    const free = bavail * bsize;
    const percent = Math.round(100 * bavail / Math.max(1, blocks));
    const detail = `${formatBytes(free)} (${percent} %) free at ${path}`;
    const hint = "Without room the audit cannot be written, and every call is denied: make room.";
    if (free < LEAST_BYTES) return fail(detail, hint);
    return free < ENOUGH_BYTES ? warn(detail, hint) : ok(detail);
  },
};

async function nearestExisting(path: string): Promise<string> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info || dirname(path) === path ? path : await nearestExisting(dirname(path));
}
