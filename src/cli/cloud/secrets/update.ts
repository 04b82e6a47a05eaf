import { AppError } from "../../../kernel/errors.ts";
import { describeOwner, updateSecret } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";
import type { OwnerFlags, TermFlags } from "./flags.ts";
import { openVaultContext, ownerOf, warnOfUnknown } from "./open.ts";
import { termsOf } from "./terms.ts";
import { printSecret } from "./view.ts";

type Flags = TermFlags & OwnerFlags;

export default async function update(this: CliContext, flags: Flags, name: string): Promise<void> {
  const terms = termsOf(flags);
  if (Object.keys(terms).length === 0) {
    throw new AppError("usage", 'Expected "--server" or "--expires": there is nothing to change');
  }
  const vault = await openVaultContext(this);
  const owner = await ownerOf(vault.sql, flags);
  const secret = await updateSecret(vault, { owner, name }, terms);
  await warnOfUnknown(this, flags.server);
  printSecret(this, "secrets.update", secret, `Changed ${name} of ${describeOwner(owner)}`);
}
