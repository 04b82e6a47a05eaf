import * as z from "zod";

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** The server that takes mail. Nothing is mailed unless this is there and a command says so. */
export const smtpSchema = z.strictObject({
  host: z.string().regex(/^([A-Za-z0-9.-]+|[0-9a-fA-F:]+)$/),
  port: z.int().min(1).max(65_535),
  /** TLS from the first byte, or STARTTLS, without which nothing is sent. There is no third way. */
  tls: z.enum(["implicit", "starttls"]).default("starttls"),
  /** Whom to sign in as; `secret` is then its password. */
  user: z.string().min(1).max(255).optional(),
  /** Name of a secret in the vault, for the server `mail.smtp`. */
  secret: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/).optional(),
  /** The address that mails are from. */
  from: z.email(),
  from_name: z.string().max(100).refine(
    (text) => !CONTROL.test(text),
    "expected no control characters",
  ).default("spgov"),
  /** File with certificates (PEM) that count instead of the usual authorities; relative to the home. */
  ca: z.string().min(1).optional(),
  /** Milliseconds until a mail was not accepted. */
  timeout_ms: z.int().min(100).max(120_000).default(20_000),
}).refine(
  ({ user, secret }) => (user === undefined) === (secret === undefined),
  "expected user and secret together",
);

export type SmtpConfig = z.output<typeof smtpSchema>;
