import { type Invitation, inviteUser, MAX_INVITATION_TTL_MS } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { EXIT } from "../../exit.ts";
import { findBase } from "./base.ts";
import { invitationMail } from "./invitation_mail.ts";
import { type Mailing, openMailing } from "./mailing.ts";

interface Flags {
  readonly name?: string;
  readonly fullName?: string;
  readonly displayName?: string;
  readonly department?: string;
  readonly roles?: readonly Tier[];
  /** Milliseconds. */
  readonly expires: number;
  readonly mail: boolean;
}

export default async function invite(
  this: CliContext,
  { roles = [], expires, name, mail, ...details }: Flags,
  email: string,
): Promise<void> {
  if (expires < 60_000 || expires > MAX_INVITATION_TTL_MS) {
    throw new AppError("usage", "An invitation is good for a minute to 30 days");
  }
  const { sql } = await openDatabase(this);
  const mailing = mail ? await openMailing(this, sql, email) : undefined;
  const base = mailing?.base ?? await findBase(this);
  const invitation = await inviteUser(
    identityContext(this, sql),
    operatorOf(this),
    {
      ...{ email, name: name ?? email.split("@")[0] ?? email, ...details },
      ...roles.length > 0 && { roles },
    },
    expires,
    mailing ? "mail" : "print",
  );
  const url = `${base}/sign-in/link?token=${invitation.link.token}`;
  if (mailing) await sendLink(this, mailing, invitation, url);
  else printLink(this, invitation, url);
}

async function sendLink(
  context: CliContext,
  mailing: Mailing,
  invitation: Invitation,
  url: string,
): Promise<void> {
  const mail = invitationMail(mailing, invitation, url);
  const outcome = await context.above.deliverMail(mailing.server, mail);
  const { host } = mailing.server;
  if (outcome.accepted) {
    return context.out.text({
      kind: "users.invite",
      text: `${host} accepted the mail to ${invitation.user.email} for delivery.`,
      data: { ...factsOf(invitation), mailed: true },
    });
  }
  const { reason, isTransient } = outcome;
  context.out.warn(`The invitation was NOT mailed: ${host} did not accept it. ${reason}`);
  printLink(context, invitation, url, { mailed: false, reason });
  context.out.note("The user is made and the link above is good: hand it over yourself.");
  context.setExit(isTransient ? EXIT.unavailable : EXIT.failure);
}

function printLink(
  context: CliContext,
  invitation: Invitation,
  url: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const { user: { name }, link } = invitation;
  context.out.text({
    kind: "users.invite",
    text: url,
    data: { url, ...factsOf(invitation), ...more },
  });
  const until = link.expiresAt.toISOString().slice(0, 16).replace("T", " ");
  context.out.note(`Signs in as ${name}, once, until ${until} UTC. Whoever has it is ${name}.`);
}

function factsOf({ user, link }: Invitation): Readonly<Record<string, unknown>> {
  return { user_id: user.id, email: user.email, expires_at: link.expiresAt };
}
