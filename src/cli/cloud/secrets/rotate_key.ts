import { AppError } from "../../../kernel/errors.ts";
import { forgetPreviousMasterKey, removeOtherMasters, rotateDataKey } from "../../../vault/mod.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import type { FileFlag } from "./flags.ts";
import { replaceMaster } from "./master.ts";
import { openVaultContext } from "./open.ts";

interface Flags extends FileFlag {
  readonly master: boolean;
  readonly finish: boolean;
  readonly yes: boolean;
}

export default async function rotateKey(this: CliContext, flags: Flags): Promise<void> {
  if (!flags.master && (flags.finish || flags.fromFile !== undefined)) {
    throw new AppError("usage", 'Expected "--master" with "--finish" or "--from-file"');
  }
  if (!flags.master) return await rotateData(this);
  if (flags.finish) return await finish(this, flags.yes);
  await confirm(
    this,
    "Replace the master key? Tokens issued before end with each restart.",
    flags.yes,
  );
  await replaceMaster(this, await openVaultContext(this), flags.fromFile);
}

async function rotateData(context: CliContext): Promise<void> {
  const vault = await openVaultContext(context);
  const done = await rotateDataKey(vault, {
    onProgress: (resealed) => context.out.progress(`Sealed ${resealed} secrets anew`),
  });
  context.out.card({
    kind: "secrets.rotate-key",
    data: { key_version: done.version, resealed: done.resealed, resumed: done.resumed },
  });
  context.out.note("The key before is gone: what was copied under it opens nothing here");
}

async function finish(context: CliContext, yes: boolean): Promise<void> {
  await confirm(
    context,
    "Shut the vault for every other master key? Older backups of the database need theirs: keep it with them.",
    yes,
  );
  const removed = await removeOtherMasters(await openVaultContext(context));
  await forgetPreviousMasterKey(context.home);
  context.out.card({ kind: "secrets.rotate-key.finish", data: { removed } });
  context.out.note(removed.length === 0 ? "There was no other master key" : "Done");
}
