import { AppError } from "../../../kernel/errors.ts";
import { describeOwner, setSecrets } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";
import type { FileFlag, OwnerFlags, TermFlags } from "./flags.ts";
import { openVaultContext, ownerOf, warnOfUnknown } from "./open.ts";
import { termsOf } from "./terms.ts";
import { readValue } from "./value.ts";
import { printSecret } from "./view.ts";

type Flags = TermFlags & OwnerFlags & FileFlag;

export default async function set(this: CliContext, flags: Flags, name: string): Promise<void> {
  const vault = await openVaultContext(this);
  const owner = await ownerOf(vault.sql, flags);
  const value = await readValue(this, name, flags);
  const [change] = await setSecrets(vault, [{ owner, name, value, ...termsOf(flags) }]);
  if (!change) throw new AppError("internal", "Nothing was set");
  await warnOfUnknown(this, flags.server);
  const done = change.created ? "Keeping" : "Replaced";
  printSecret(this, "secrets.set", change.secret, `${done} ${name} of ${describeOwner(owner)}`);
}
