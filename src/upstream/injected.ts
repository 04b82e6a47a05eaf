import { AppError } from "../kernel/errors.ts";
import { createRedactor, type Redactor, type SecretBytes, type Vault } from "../vault/mod.ts";
import type { HttpUpstream, StdioUpstream } from "./config.ts";

/** For whom values are looked up. */
export interface Holder {
  readonly userId: string;
  readonly department: string | undefined;
}

/** The values of a server's secrets, by their names in the vault. */
export type Values = ReadonlyMap<string, SecretBytes>;

/** Takes what was injected out of what comes back; undefined where nothing was injected. */
export function redactorOf(values: Values): Redactor | undefined {
  if (values.size === 0) return undefined;
  return createRedactor([...values].map(([name, value]) => ({ name, value })));
}

/** Looks up the secrets that a server's configuration names. Rejects with `invalid` when one is missing. */
export async function resolveSecrets(
  server: string,
  names: Iterable<string>,
  vault: Vault,
  { userId, department }: Holder,
): Promise<Values> {
  const values = new Map<string, SecretBytes>();
  for (const name of new Set(names)) {
    const value = await vault.resolve(name, server, userId, department);
    if (value) values.set(name, value);
    else throw missing(server, name);
  }
  return values;
}

/** Overwrites the values once they were handed out. */
export function wipeValues(values: Values): void {
  for (const value of values.values()) value.wipe();
}

function missing(server: string, name: string): AppError {
  return new AppError(
    "invalid",
    `Server "${server}" needs the secret "${name}", which it has not`,
    {
      hint: `Set it with "spgov cloud secrets set ${name} --server ${server}".`,
    },
  );
}

/** The environment of a child: what its configuration names, nothing of ours. */
export function environmentOf(
  { environment, secrets }: Pick<StdioUpstream, "environment" | "secrets">,
  variables: Readonly<Record<string, string>>,
  values: Values,
): Record<string, string> {
  const injected = Object.entries(secrets).map(([variable, name]) =>
    [variable, textOf(values, name)] as const
  );
  return { ...variables, ...environment, ...Object.fromEntries(injected) };
}

/** The headers of every request to a remote server. */
export function headersOf(
  { headers, secret_headers }: Pick<HttpUpstream, "headers" | "secret_headers">,
  values: Values,
): Record<string, string> {
  const injected = Object.entries(secret_headers).map(([header, { secret, prefix }]) => {
    const text = textOf(values, secret);
    // Said here: whoever is handed it would quote it.
    if (!HEADER_TEXT.test(text)) throw unfit(secret);
    return [header, prefix + text] as const;
  });
  return { ...headers, ...Object.fromEntries(injected) };
}

const HEADER_TEXT = /^[\t\x20-\x7e]*$/;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The value as the text that variables and headers are made of: such a copy cannot be wiped. */
function textOf(values: Values, name: string): string {
  try {
    const text = decoder.decode(values.get(name)?.reveal());
    if (!text.includes("\0")) return text;
  } catch {
    // Said below.
  }
  throw unfit(name);
}

function unfit(name: string): AppError {
  return new AppError(
    "invalid",
    `The secret "${name}" is not text that a variable or header can hold`,
  );
}
