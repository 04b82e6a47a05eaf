import { clearPassword } from "../../../../identity/mod.ts";
import { confirm } from "../../../confirm.ts";
import type { CliContext } from "../../../context.ts";
import { changeUser, printChanged } from "../change.ts";
import { operatorOf } from "../../../actor.ts";

interface Flags {
  readonly yes: boolean;
}

export default async function clear(
  this: CliContext,
  flags: Flags,
  reference: string,
): Promise<void> {
  const user = await changeUser(this, reference, async (identity, found) => {
    await confirm(this, `Take the password of ${found.name} (${found.email}) away?`, flags.yes);
    await clearPassword(identity, operatorOf(this), found);
    return found;
  });
  printChanged(this, "users.password.clear", user, `${user.name} has no password any more`);
}
