import type { Invitation } from "../../../identity/mod.ts";
import type { Mail } from "../../../mail/mod.ts";
import type { Mailing } from "./mailing.ts";

/** The mail that brings an invitation's link. */
export function invitationMail(
  { from, base }: Pick<Mailing, "from" | "base">,
  { user, link }: Invitation,
  url: string,
): Mail {
  const until = link.expiresAt.toISOString().slice(0, 16).replace("T", " ");
  return {
    from,
    to: { name: user.displayName ?? user.fullName ?? user.name, address: user.email },
    subject: `Your invitation to ${new URL(base).host}`,
    text: [
      `You have been invited to ${base}.`,
      `This link signs you in once, until ${until} UTC. There you choose how to sign in from then on:`,
      url,
      "Whoever has the link is you: pass it on to nobody. If you expected no invitation, ignore this.",
    ].join("\n\n"),
  };
}
