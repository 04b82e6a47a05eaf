import { AppError } from "../../../kernel/errors.ts";
import {
  checkSecrets,
  listSecrets,
  SecretBytes,
  type SecretInput,
  setSecrets,
} from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";
import type { FileFlag, OwnerFlags, TermFlags } from "./flags.ts";
import { openVaultContext, ownerOf, warnOfUnknown } from "./open.ts";
import { type Entries, type FileFormat, parseSecretsFile } from "./secrets_file.ts";
import { termsOf } from "./terms.ts";
import { readBytes } from "./value.ts";

interface Flags extends TermFlags, OwnerFlags, FileFlag {
  readonly format?: FileFormat;
  readonly dryRun: boolean;
}

interface Row {
  readonly name: string;
  readonly action: "create" | "replace";
}

export default async function importSecrets(this: CliContext, flags: Flags): Promise<void> {
  const entries = await readEntries(this, flags);
  const vault = await openVaultContext(this);
  const owner = await ownerOf(vault.sql, flags);
  const inputs: SecretInput[] = entries.map(([name, value]) => ({
    owner,
    name,
    value: new SecretBytes(new TextEncoder().encode(value)),
    ...termsOf(flags),
  }));
  const present = new Set((await listSecrets(vault.sql, { owner })).map(({ name }) => name));
  const rows = inputs.map(({ name }): Row => ({
    name,
    action: present.has(name) ? "replace" : "create",
  }));
  if (flags.dryRun) checkSecrets(inputs, present);
  else await setSecrets(vault, inputs);
  await warnOfUnknown(this, flags.server);
  print(this, rows, flags.dryRun);
}

async function readEntries(context: CliContext, flags: Flags): Promise<Entries> {
  if (context.terminal && flags.fromFile === undefined) {
    throw new AppError("usage", 'Expected "--from-file" or something on standard input');
  }
  const bytes = await readBytes(context, "", flags.fromFile);
  return parseSecretsFile(new TextDecoder().decode(bytes), flags.format);
}

function print({ out }: CliContext, rows: readonly Row[], dryRun: boolean): void {
  out.table({
    kind: "secrets.import",
    data: { secrets: rows, total: rows.length, dry_run: dryRun },
    rows,
    columns: ["name", "action"],
  });
  out.note(dryRun ? "Nothing was changed" : `Kept ${rows.length} secrets`);
}
