import { getUser, type IdentityContext, type User } from "../../../identity/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { userCard } from "./view.ts";

/** Finds the user that `reference` means and lets `change` change it. */
export async function changeUser(
  context: CliContext,
  reference: string,
  change: (identity: IdentityContext, user: User) => Promise<User>,
): Promise<User> {
  const { sql } = await openDatabase(context);
  return await change(identityContext(context, sql), await getUser(sql, reference));
}

/** Prints the user as it is now, with what was done. */
export function printChanged(
  { out }: CliContext,
  kind: string,
  user: User,
  message: string,
): void {
  const card = userCard(user);
  out.card({ kind, data: { ...card, message }, fields: card });
  out.note(message);
}
