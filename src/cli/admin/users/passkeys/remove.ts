import { removePasskey } from "../../../../identity/mod.ts";
import { confirm } from "../../../confirm.ts";
import type { CliContext } from "../../../context.ts";
import { changeUser, printChanged } from "../change.ts";
import { operatorOf } from "../../../actor.ts";

interface Flags {
  readonly yes: boolean;
}

export default async function remove(
  this: CliContext,
  flags: Flags,
  reference: string,
  passkeyId: string,
): Promise<void> {
  const user = await changeUser(this, reference, async (identity, found) => {
    await confirm(this, `Remove the passkey ${passkeyId} of ${found.name}?`, flags.yes);
    await removePasskey(identity, operatorOf(this), found.id, passkeyId);
    return found;
  });
  printChanged(this, "users.passkeys.remove", user, `Removed a passkey of ${user.name}`);
}
