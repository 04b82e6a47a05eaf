import { getUser, mergeUsers } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

interface Flags {
  readonly source: string;
  readonly target: string;
  readonly yes: boolean;
}

export default async function merge(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const source = await getUser(sql, flags.source);
  const target = await getUser(sql, flags.target);
  await confirm(
    this,
    `Merge ${source.name} (${source.email}) into ${target.name} (${target.email}) and delete the first?`,
    flags.yes,
  );
  const identity = identityContext(this, sql);
  const merged = await mergeUsers(identity, operatorOf(this), source.id, target.id);
  this.out.card({
    kind: "users.merge",
    data: {
      source_id: merged.sourceId,
      target_id: merged.targetId,
      groups_transferred: merged.groupsTransferred,
      accounts_transferred: merged.accountsTransferred,
    },
  });
  this.out.note(`Merged into ${target.name}; sessions, keys and passkeys of ${source.name} ended`);
}
