import { inviteUser, MAX_INVITATION_TTL_MS } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { findBase } from "./base.ts";

interface Flags {
  readonly name?: string;
  readonly fullName?: string;
  readonly displayName?: string;
  readonly department?: string;
  readonly roles?: readonly Tier[];
  /** Milliseconds. */
  readonly expires: number;
}

export default async function invite(
  this: CliContext,
  { roles = [], expires, name, ...details }: Flags,
  email: string,
): Promise<void> {
  if (expires < 60_000 || expires > MAX_INVITATION_TTL_MS) {
    throw new AppError("usage", "An invitation is good for a minute to 30 days");
  }
  const { sql } = await openDatabase(this);
  const { user, link } = await inviteUser(
    identityContext(this, sql),
    operatorOf(this),
    {
      ...{ email, name: name ?? email.split("@")[0] ?? email, ...details },
      ...roles.length > 0 && { roles },
    },
    expires,
  );
  const url = `${await findBase(this)}/sign-in/link?token=${link.token}`;
  this.out.text({
    kind: "users.invite",
    text: url,
    data: { url, user_id: user.id, email: user.email, expires_at: link.expiresAt },
  });
  const until = link.expiresAt.toISOString().slice(0, 16).replace("T", " ");
  this.out.note(
    `Signs in as ${user.name}, once, until ${until} UTC. Whoever has it is ${user.name}.`,
  );
}
