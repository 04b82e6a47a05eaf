import { isIP } from "node:net";
import { createTransport, type NodemailerError } from "nodemailer";
import type { Mail, MailOutcome, MailRoute } from "./mail.ts";
import { outcomeOf } from "./outcome.ts";

/** Nobody was spoken to: another address can be tried without sending anything twice. */
const NOBODY = ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"];

/**
 * Hands a mail to the server: over TLS with a certificate for its name, or not at all; signed in where there is a
 * login, or not at all. Answers why it was not accepted; throws nothing.
 */
export async function sendMail(route: MailRoute, mail: Mail): Promise<MailOutcome> {
  let outcome: MailOutcome = { accepted: false, reason: "It has no address", isTransient: true };
  for (const address of route.addresses) {
    try {
      await sendTo(address, route, mail);
      return { accepted: true };
    } catch (error) {
      const failure = error as NodemailerError;
      outcome = outcomeOf(failure, route.login?.password);
      if (!NOBODY.includes(failure.originalCode ?? "")) return outcome;
    }
  }
  return outcome;
}

async function sendTo(address: string, route: MailRoute, mail: Mail): Promise<void> {
  const { host, port, tls, login, ca, clientName, timeoutMs } = route;
  const transport = createTransport({
    ...{ host: address, port, name: clientName, secure: tls === "implicit", requireTLS: true },
    ...login && { auth: { user: login.user, pass: login.password }, forceAuth: true },
    tls: {
      minVersion: "TLSv1.2",
      ...isIP(host) === 0 && { servername: host },
      ...ca !== undefined && { ca },
    },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
  });
  try {
    await transport.sendMail({
      ...{ ...mail, disableFileAccess: true, disableUrlAccess: true },
      // Not taken from the headers: exactly these two, however those may be read.
      envelope: { from: mail.from.address, to: [mail.to.address] },
      headers: { "Auto-Submitted": "auto-generated" },
    });
  } finally {
    transport.close();
  }
}
