import { pause } from "./pause.ts";

/** Does `work` again after each of `pausesMs` while it fails; what it fails with at last is thrown. */
export async function retry<T>(pausesMs: readonly number[], work: () => Promise<T>): Promise<T> {
  for (const ms of pausesMs) {
    try {
      return await work();
    } catch {
      await pause(ms);
    }
  }
  return await work();
}
