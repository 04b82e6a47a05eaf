import { createUser } from "../../../identity/mod.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { printChanged } from "./change.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import { operatorOf } from "../../actor.ts";

interface Flags {
  readonly name: string;
  readonly email: string;
  readonly fullName?: string;
  readonly displayName?: string;
  readonly department?: string;
  readonly roles?: readonly Tier[];
}

export default async function create(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const { roles = [], ...rest } = flags;
  const input = roles.length === 0 ? rest : { ...rest, roles };
  const user = await createUser(identityContext(this, sql), operatorOf(this), input);
  printChanged(this, "users.create", user, `Created the user ${user.name}`);
}
