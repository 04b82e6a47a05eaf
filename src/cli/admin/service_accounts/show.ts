import { getServiceAccount, listApiKeys } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { cardView, tableView } from "../../output/view.ts";
import { KEY_COLUMNS, keyRow } from "../keys/view.ts";
import { userCard } from "../users/view.ts";

export default async function show(this: CliContext, _: object, reference: string): Promise<void> {
  const { sql } = await openDatabase(this);
  const account = await getServiceAccount({ sql }, reference);
  const keys = (await listApiKeys(sql, { userId: account.id }, { limit: 100, offset: 0 }))
    .map((key) => keyRow(key, this.clock.now()));
  this.out.report({
    kind: "service-accounts.show",
    data: { ...userCard(account), keys },
    views: [cardView(userCard(account)), tableView(KEY_COLUMNS, keys, "Keys")],
  });
}
