import { keyIdOf, openCheckpoint, verify, verifyBundle } from "../../../audit/mod.ts";
import { openPool } from "../../../db/mod.ts";
import { homeAt } from "../../../kernel/home.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { EXIT } from "../../exit.ts";
import type { PeriodFlags } from "../../flags.ts";
import { readLines } from "./lines.ts";
import { findPublicKey, type PinnedKey, readPin } from "./seal_keys.ts";
import { bundleDocument, bundleViews } from "./verify_bundle_view.ts";
import { logDocument, logViews } from "./verify_view.ts";
import { countText } from "./words.ts";

interface Flags extends PeriodFlags {
  readonly bundle?: string;
  readonly key?: string;
  readonly writer?: string;
}

export default async function verifyLog(this: CliContext, flags: Flags): Promise<void> {
  const pinned = flags.key === undefined ? undefined : await readPin(flags.key, keyIdOf);
  const ok = flags.bundle === undefined
    ? await verifyDatabase(this, flags, pinned)
    : await verifyFile(this, flags.bundle, pinned);
  if (!ok) this.setExit(EXIT.invalid);
}

async function verifyDatabase(
  context: CliContext,
  { since, until, writer }: Flags,
  pinned: PinnedKey | undefined,
): Promise<boolean> {
  const { sql, owner } = await openDatabase(context, { statementTimeoutMs: 0 });
  const second = openPool(owner, { max: 1, applicationName: "spgov verify" });
  context.defer(() => second.end({ timeout: 1 }));
  const own = await findPublicKey(context);
  const keys = [own, pinned?.publicKey].filter((key) => key !== undefined);
  const report = await verify(sql, {
    second,
    keys,
    pin: pinned?.pin,
    checkpoint: openCheckpoint(homeAt(context.home).seals),
    writer,
    since,
    until,
    onProgress: progressOf(context),
  });
  const isPart = [since, until, writer].some((bound) => bound !== undefined);
  context.out.report({
    kind: "logs.verify",
    data: logDocument(report),
    views: logViews(report, isPart),
  });
  return report.ok;
}

const PROGRESS_ROWS = 100_000;

function progressOf({ out }: CliContext): (rows: number) => void {
  let next = PROGRESS_ROWS;
  return (rows) => {
    if (rows < next) return;
    out.progress(`${countText(rows)} rows verified`);
    next = rows + PROGRESS_ROWS;
  };
}

async function verifyFile(
  context: CliContext,
  path: string,
  pinned: PinnedKey | undefined,
): Promise<boolean> {
  const keys = pinned?.publicKey ? [pinned.publicKey] : [];
  const report = await verifyBundle(readLines(path), { keys, pin: pinned?.pin });
  context.out.report({
    kind: "logs.verify_bundle",
    data: bundleDocument(report),
    views: bundleViews(report, pinned?.pin),
  });
  return report.ok;
}
