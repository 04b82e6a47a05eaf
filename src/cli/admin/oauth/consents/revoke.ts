import { LOCAL_OPERATOR } from "../../../../identity/mod.ts";
import { AppError } from "../../../../kernel/errors.ts";
import { listConsents, revokeConsents } from "../../../../oauth/mod.ts";
import { identityContext } from "../../../audit.ts";
import { confirm } from "../../../confirm.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";
import type { YesFlag } from "../../../flags.ts";
import { CONSENT_COLUMNS, type ConsentFlags, consentView, filterOf } from "./filter.ts";

export default async function revoke(
  this: CliContext,
  flags: ConsentFlags & YesFlag,
): Promise<void> {
  if (flags.user === undefined && flags.client === undefined) {
    throw new AppError("usage", "Expected at least one of: --user, --client");
  }
  const { sql } = await openDatabase(this);
  const filter = await filterOf(sql, flags);
  const { length } = await listConsents(sql, filter);
  if (length > 0) await confirm(this, `Take back ${length} consents?`, flags.yes);
  const revoked = await revokeConsents(identityContext(this, sql), LOCAL_OPERATOR, filter);
  const rows = revoked.map(consentView);
  this.out.table({
    kind: "oauth.consents_revoked",
    rows,
    columns: CONSENT_COLUMNS,
    data: { consents: rows },
    empty: "No consent to take back.",
  });
}
