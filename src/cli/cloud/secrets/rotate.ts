import { describeOwner, rotateSecret } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";
import type { FileFlag, OwnerFlags, TermFlags } from "./flags.ts";
import { openVaultContext, ownerOf } from "./open.ts";
import { termsOf } from "./terms.ts";
import { readValue } from "./value.ts";
import { printSecret } from "./view.ts";

type Flags = Pick<TermFlags, "expires"> & OwnerFlags & FileFlag;

export default async function rotate(this: CliContext, flags: Flags, name: string): Promise<void> {
  const vault = await openVaultContext(this);
  const owner = await ownerOf(vault.sql, flags);
  const value = await readValue(this, name, flags);
  const secret = await rotateSecret(vault, { owner, name, value, ...termsOf(flags) });
  printSecret(this, "secrets.rotate", secret, `Replaced ${name} of ${describeOwner(owner)}`);
}
