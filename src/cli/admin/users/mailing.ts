import { resolve } from "node:path";
import { AppError, messageOf } from "../../../kernel/errors.ts";
import { forbidCoreDumps } from "../../../kernel/core_dumps.ts";
import type { MailAddress, MailServer } from "../../../mail/mod.ts";
import { loadMasterKey, openVault } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";
import type { OpenDatabase } from "../../database.ts";
import { findProfile } from "../../profile.ts";

/** As which server of the vault the mail server's password is kept. */
const VAULT_SERVER = "mail.smtp";

/** What stands in headers as it is: nothing that a reader of headers could take for two addresses. */
const MAILABLE = /^[^\s()<>[\]:;,@\\"]+@[^\s()<>[\]:;,@\\"]+$/;

/** What mailing invitations takes. */
export interface Mailing {
  readonly server: MailServer;
  readonly from: MailAddress;
  /** Where recipients reach the pages. */
  readonly base: string;
}

/**
 * Everything that mailing to `email` needs, before anything is done. Throws `invalid` for what is missing of the
 * profile or the vault.
 */
export async function openMailing(
  context: CliContext,
  sql: OpenDatabase["sql"],
  email: string,
): Promise<Mailing> {
  const { smtp, server: { public_url: base } = {} } = await findProfile(context) ?? {};
  if (!smtp) throw cannotMail("the profile has no smtp", "Describe the mail server in it.");
  if (base === undefined) {
    throw cannotMail("the profile has no server.public_url", "Nobody else could open the link.");
  }
  if (!MAILABLE.test(email)) throw cannotMail(`${JSON.stringify(email)} is no address for mail`);
  const { host, port, tls, user, secret, ca, timeout_ms: timeoutMs } = smtp;
  return {
    base: base.replace(/\/+$/, ""),
    from: { name: smtp.from_name, address: smtp.from },
    server: {
      ...{ host, port, tls, timeoutMs, clientName: new URL(base).hostname },
      ...ca !== undefined && { ca: await readAuthority(resolve(context.home, ca)) },
      ...user !== undefined && secret !== undefined &&
        { login: { user, password: await readPassword(context, sql, secret) } },
    },
  };
}

function cannotMail(why: string, hint?: string): AppError {
  return new AppError("invalid", `Cannot mail an invitation: ${why}`, hint ? { hint } : {});
}

async function readAuthority(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw cannotMail(`the authority "${path}" cannot be read: ${messageOf(error)}`);
  }
}

async function readPassword(
  context: CliContext,
  sql: OpenDatabase["sql"],
  secret: string,
): Promise<string> {
  await forbidCoreDumps();
  const { key } = await loadMasterKey({ home: context.home, env: context.env });
  context.defer(() => key.wipe());
  const value = await openVault(sql, key, context.clock)
    .resolve(secret, VAULT_SERVER, "none", undefined);
  if (!value) {
    const keep = `spgov cloud secrets set ${secret} --server ${VAULT_SERVER}`;
    throw cannotMail(`the vault has no ${secret} for ${VAULT_SERVER}`, `Keep it by "${keep}".`);
  }
  try {
    return new TextDecoder().decode(value.reveal()).trim();
  } finally {
    value.wipe();
  }
}
