import { readFileSync } from "node:fs";

/** Whether a process runs; one that has ended and was not collected yet does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

const PATIENCE_MS = 20_000;

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!await isSo()) {
    if (Date.now() > deadline) {
      throw new Error(`It was not so within ${PATIENCE_MS / 1000} s: ${isSo}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
