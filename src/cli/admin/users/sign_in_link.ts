import { createSignInLink, getUser } from "../../../identity/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { findBase } from "./base.ts";
import { operatorOf } from "../../actor.ts";

export default async function signInLink(
  this: CliContext,
  _flags: Readonly<Record<never, never>>,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const user = await getUser(sql, reference);
  const link = await createSignInLink(identityContext(this, sql), operatorOf(this), user);
  const url = `${await findBase(this)}/sign-in/link?token=${link.token}`;
  this.out.text({
    kind: "users.sign-in-link",
    text: url,
    data: { url, user_id: user.id, expires_at: link.expiresAt },
  });
  this.out.note(
    `Signs in as ${user.name}, once, within 15 minutes. Whoever has it is ${user.name}.`,
  );
}
