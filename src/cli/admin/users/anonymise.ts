import { anonymiseUser, getUser } from "../../../identity/mod.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { YesFlag } from "../../flags.ts";

export default async function anonymise(
  this: CliContext,
  { yes }: YesFlag,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const found = await getUser(sql, reference);
  await confirm(this, `Erase who ${found.name} (${found.email}) was? It cannot be undone.`, yes);
  const identity = identityContext(this, sql);
  const { user, rowsCleared } = await anonymiseUser(identity, operatorOf(this), found.id);
  this.out.card({
    kind: "users.anonymise",
    data: {
      id: user.id,
      status: user.status,
      anonymised_at: user.anonymisedAt,
      rows_cleared: rowsCleared,
    },
  });
  this.out.note(
    "Rows about calls keep the client's address and what was sent until the retention of the audit",
  );
}
