import { describeOwner, listSecrets } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { OwnerFlags } from "./flags.ts";
import { findOwner } from "./open.ts";
import { secretView } from "./view.ts";

interface Flags extends OwnerFlags {
  readonly server?: string;
  /** Milliseconds. */
  readonly expiring?: number;
}

export default async function list(this: CliContext, flags: Flags): Promise<void> {
  const { server, expiring } = flags;
  const { sql } = await openDatabase(this);
  const owner = await findOwner(sql, flags);
  const now = this.clock.now();
  const secrets = await listSecrets(sql, {
    ...server !== undefined && { server },
    ...owner && { owner },
    ...expiring !== undefined && { expiresBefore: new Date(now + expiring) },
  });
  const rows = secrets.map((facts) => ({
    ...secretView(facts, now),
    owner: describeOwner(facts.owner),
  }));
  this.out.table({
    kind: "secrets.list",
    data: { secrets: rows.map(({ owner: _, ...view }) => view), total: rows.length },
    rows,
    columns: [
      "name",
      "owner",
      "servers",
      "state",
      "expires_at",
      "last_used_at",
      "rotated_at",
      { label: "KEY", of: ({ key_version }) => key_version, align: "right" },
    ],
    empty: "No secret.",
  });
}
