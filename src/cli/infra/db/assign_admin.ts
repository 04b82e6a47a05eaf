import { getUser, LOCAL_OPERATOR, promoteUser } from "../../../identity/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";

export default async function assignAdmin(
  this: CliContext,
  _: object,
  reference: string,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const before = await getUser(sql, reference);
  const alreadyAdmin = before.roles.includes("admin");
  const user = alreadyAdmin
    ? before
    : await promoteUser(identityContext(this, sql), LOCAL_OPERATOR, before.id);
  this.out.card({
    kind: "db.assign_admin",
    data: {
      user_id: user.id,
      name: user.name,
      email: user.email,
      roles: user.roles,
      already_admin: alreadyAdmin,
      message: alreadyAdmin ? "The user was an administrator" : "The user is an administrator now",
    },
  });
}
