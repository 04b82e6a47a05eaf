import { LOCAL_OPERATOR } from "../../../../identity/mod.ts";
import type { CliContext } from "../../../context.ts";
import { confirm } from "../../../confirm.ts";
import { openDatabase } from "../../../database.ts";
import type { YesFlag } from "../../../flags.ts";
import { recordAdmin } from "../../../audit.ts";
import { openSigningKeys } from "./open.ts";

interface Flags extends YesFlag {
  readonly revoke: boolean;
}

export default async function rotate(this: CliContext, { revoke, yes }: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const keys = await openSigningKeys(this, sql);
  if (revoke) await confirm(this, "Void every access token that was signed so far?", yes);
  const kid = await keys.rotate({
    revoke,
    record: (transaction, added) =>
      recordAdmin(this, transaction, {
        target: "cli:admin oauth keys rotate",
        decision: "ok",
        detail: { kid: added, revoke, by: LOCAL_OPERATOR.userId },
      }),
  });
  this.out.card({ kind: "oauth.key_rotated", data: { kid, revoked_others: revoke } });
}
