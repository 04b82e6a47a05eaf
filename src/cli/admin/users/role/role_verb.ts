import type { Actor, IdentityContext, User } from "../../../../identity/mod.ts";
import { operatorOf } from "../../../actor.ts";
import type { CliContext } from "../../../context.ts";
import { changeUser, printChanged } from "../change.ts";

/** A verb that changes which roles one user holds; `says` is what people read afterwards. */
export function roleVerb<Flags extends object>(
  kind: string,
  change: (identity: IdentityContext, actor: Actor, userId: string, flags: Flags) => Promise<User>,
  says: (user: User) => string,
): (this: CliContext, flags: Flags, reference: string) => Promise<void> {
  return async function (flags, reference) {
    const user = await changeUser(
      this,
      reference,
      (identity, { id }) => change(identity, operatorOf(this), id, flags),
    );
    printChanged(this, kind, user, says(user));
  };
}
