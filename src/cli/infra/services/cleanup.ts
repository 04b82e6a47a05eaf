import type { CliContext } from "../../context.ts";
import type { DryRunFlag, YesFlag } from "../../flags.ts";
import { confirm } from "../../confirm.ts";
import { formatBytes } from "../../output/cell.ts";
import type { Leftover } from "./leftover.ts";
import { findLeftovers } from "./leftovers.ts";

export default async function cleanup(
  this: CliContext,
  { dryRun, yes }: DryRunFlag & YesFlag,
): Promise<void> {
  const found = await findLeftovers(this);
  if (!dryRun && found.length > 0) await confirm(this, question(found), yes);
  if (!dryRun) { for (const { remove } of found) await remove(); }
  const items = found.map(({ kind, path, reason, bytes }) => ({ kind, path, reason, bytes }));
  this.out.table({
    kind: "services.cleanup",
    rows: items,
    columns: [
      "kind",
      { label: "SIZE", of: ({ bytes }) => formatBytes(bytes), align: "right" },
      "reason",
      { label: "PATH", of: ({ path }) => path, keep: true },
    ],
    data: { dry_run: dryRun, removed: dryRun ? 0 : items.length, items },
    empty: "Nothing to clean up.",
  });
  if (items.length > 0) {
    this.out.note(dryRun ? "Dry run: nothing was removed." : `Removed ${items.length}.`);
  }
}

function question(found: readonly Leftover[]): string {
  const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
  return `Remove ${found.length} leftovers (${formatBytes(bytes)})?`;
}
