import { changeMembers, getGroup, getUser } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

interface Flags {
  readonly user: readonly string[];
}

/** A verb that takes users into a group, or out of it. */
export function membersVerb(
  change: "add" | "remove",
): (this: CliContext, flags: Flags, reference: string) => Promise<void> {
  return async function ({ user: references }, reference) {
    const { sql } = await openDatabase(this);
    const group = await getGroup(sql, reference);
    const ids: string[] = [];
    for (const user of references) ids.push((await getUser(sql, user)).id);
    const identity = identityContext(this, sql);
    const done = await changeMembers(identity, operatorOf(this), group.id, { [change]: ids });
    this.out.card({ kind: `groups.${change}`, data: { id: group.id, name: group.name, ...done } });
  };
}
