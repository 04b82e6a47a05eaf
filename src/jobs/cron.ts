import { Cron } from "croner";
import { messageOf } from "../kernel/errors.ts";

/** Longer ones are a mistake, or an attempt. */
const MAX_LENGTH = 100;
const FIELDS = /^[\dA-Za-z*,/#-]+(?: +[\dA-Za-z*,/#-]+){4,5}$/;

/**
 * The first time of a schedule after `after`; undefined when none ever comes. `text` is cron with five
 * fields, or six with seconds first, read in the time zone `zone`. Where a clock is put forward, a time that
 * does not exist is the first one after it; where it is put back, a fixed time counts once.
 */
export function nextTime(text: string, zone: string, after: Date): Date | undefined {
  return open(text, zone).nextRun(after) ?? undefined;
}

/** Why `text` is no schedule; undefined when it is one. */
export function scheduleProblem(text: string, zone = "UTC"): string | undefined {
  if (text.length > MAX_LENGTH) return `A schedule has at most ${MAX_LENGTH} characters`;
  if (!FIELDS.test(text.trim())) {
    return 'Expected cron with five fields, or six with seconds first, such as "15 3 * * *"';
  }
  try {
    const next = nextTime(text, zone, new Date(0));
    return next === undefined ? `"${text}" never comes` : undefined;
  } catch (error) {
    return `"${text}" is no schedule: ${messageOf(error).replace(/^CronPattern: /, "")}`;
  }
}

/** Whether the runtime knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function open(text: string, zone: string): Cron {
  return new Cron(text.trim(), { paused: true, mode: "5-or-6-parts", timezone: zone });
}
