import { endSessions } from "../../../../identity/mod.ts";
import { operatorOf } from "../../../actor.ts";
import { identityContext } from "../../../audit.ts";
import { confirm } from "../../../confirm.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";

interface Flags {
  readonly days: number;
  readonly yes: boolean;
}

const DAY_MS = 86_400_000;

export default async function cleanup(this: CliContext, { days, yes }: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  await confirm(this, `End all sessions that nobody used for ${days} days?`, yes);
  const unusedSince = new Date(this.clock.now() - days * DAY_MS);
  const ended = await endSessions(
    identityContext(this, sql),
    operatorOf(this),
    { unusedSince },
    "unused",
  );
  this.out.card({ kind: "users.session.cleanup", data: { cleaned: ended.length, days } });
}
