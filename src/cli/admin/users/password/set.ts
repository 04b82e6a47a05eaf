import { createPasswordHasher, setPassword } from "../../../../identity/mod.ts";
import { AppError } from "../../../../kernel/errors.ts";
import type { CliContext } from "../../../context.ts";
import { changeUser, printChanged } from "../change.ts";
import { operatorOf } from "../../../actor.ts";

export default async function set(
  this: CliContext,
  _flags: Readonly<Record<never, never>>,
  reference: string,
): Promise<void> {
  const user = await changeUser(this, reference, async (identity, found) => {
    const password = await readPassword(this, found.name);
    await setPassword(identity, operatorOf(this), createPasswordHasher(), found, password);
    return found;
  });
  printChanged(this, "users.password.set", user, `Set the password of ${user.name}`);
}

/** Typed twice without being shown, or everything on standard input but one line end. */
async function readPassword({ terminal, readStdin }: CliContext, name: string): Promise<string> {
  if (!terminal) return (await readStdin()).replace(/\r?\n$/, "");
  const ask = async (question: string): Promise<string> => {
    const typed = await terminal.askHidden(question);
    if (!typed) throw new AppError("conflict", "Cancelled: nothing was changed");
    return new TextDecoder().decode(typed);
  };
  const password = await ask(`New password of ${name} (not shown): `);
  if (password === await ask("The same again: ")) return password;
  throw new AppError("invalid", "Cannot set the password: the two are not the same");
}
