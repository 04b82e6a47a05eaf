import { deleteSecret, describeOwner } from "../../../vault/mod.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import type { OwnerFlags } from "./flags.ts";
import { openVaultContext, ownerOf } from "./open.ts";
import { printSecret } from "./view.ts";

type Flags = OwnerFlags & { readonly yes: boolean };

export default async function remove(this: CliContext, flags: Flags, name: string): Promise<void> {
  const vault = await openVaultContext(this);
  const owner = await ownerOf(vault.sql, flags);
  await confirm(this, `Delete ${name} of ${describeOwner(owner)}?`, flags.yes);
  const secret = await deleteSecret(vault, { owner, name });
  printSecret(this, "secrets.delete", secret, `Deleted ${name} of ${describeOwner(owner)}`);
}
