import { type Check, fail, ok } from "./check.ts";

/** Nothing of this program is older. */
const EARLIEST = Date.UTC(2026, 0, 1);
const TOLERANCE_MS = 60_000;

export const clock: Check = {
  name: "clock",
  async run({ clock, home }) {
    const now = clock.now();
    const detail = new Date(now).toISOString();
    const hint = "Set the clock, and keep it with NTP: tokens and rows carry its time.";
    if (now < EARLIEST) return fail(`${detail} is before this program was made`, hint);
    const newest = await newestChange(home);
    if (newest > now + TOLERANCE_MS) {
      return fail(`${detail}, but the home was changed at ${new Date(newest).toISOString()}`, hint);
    }
    return ok(detail);
  },
};

/** When something in the home was last written: a clock behind that has gone backwards. */
async function newestChange(home: string): Promise<number> {
  let newest = 0;
  for (const path of [home, `${home}/service.json`, `${home}/seals`, `${home}/keys`]) {
    const info = await Deno.stat(path).catch(() => undefined);
    newest = Math.max(newest, info?.mtime?.getTime() ?? 0);
  }
  return newest;
}
