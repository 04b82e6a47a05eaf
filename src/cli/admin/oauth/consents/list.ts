import { listConsents } from "../../../../oauth/mod.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";
import { CONSENT_COLUMNS, type ConsentFlags, consentView, filterOf } from "./filter.ts";

export default async function list(this: CliContext, flags: ConsentFlags): Promise<void> {
  const { sql } = await openDatabase(this);
  const rows = (await listConsents(sql, await filterOf(sql, flags))).map(consentView);
  this.out.table({
    kind: "oauth.consents",
    rows,
    columns: CONSENT_COLUMNS,
    data: { consents: rows },
    empty: "No consent.",
  });
}
