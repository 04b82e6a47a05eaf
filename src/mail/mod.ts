/** Mail by SMTP over TLS. Runs in an isolate that reaches the server of mail and nothing else. */
export { sendMail } from "./send.ts";
export type { Mail, MailAddress, MailOutcome, MailRoute, MailServer } from "./mail.ts";
