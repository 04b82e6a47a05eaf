import type { NodemailerError } from "nodemailer";
import type { MailOutcome } from "./mail.ts";

/** Until these were answered, a server knows nothing of a mail's text. */
const BEFORE_TEXT = ["MAIL FROM", "RCPT TO"];
const MAX_REASON = 300;

/** Why a mail was not accepted. What the server says is repeated only where it cannot repeat a secret. */
export function outcomeOf(error: NodemailerError, password: string | undefined): MailOutcome {
  const { response, message, permanent = false } = error;
  return {
    accepted: false,
    reason: printable(response === undefined ? message : answerOf(error, password)),
    isTransient: !permanent,
  };
}

function answerOf(
  { response = "", responseCode, command = "" }: NodemailerError,
  password: string | undefined,
): string {
  const repeats = password !== undefined && response.includes(password);
  const says = BEFORE_TEXT.includes(command) && !repeats
    ? response
    : `${responseCode ?? "nothing"}`;
  const step = command.startsWith("AUTH") ? "the login" : command || "the mail";
  return `It answers ${step} with ${says}`;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").slice(0, MAX_REASON);
}
