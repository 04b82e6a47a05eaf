import { AppError, messageOf } from "./errors.ts";

/** How the connection is encrypted; the names are libpq's `sslmode`. */
export type TlsMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";

/** Encryption of a connection over TCP; a Unix socket has none. */
export interface DatabaseTls {
  readonly mode: TlsMode;
  /** PEM text of the certificates to trust instead of the system's; only for the verifying modes. */
  readonly ca?: string;
}

/** Where a database is and who connects to it. Plain data: it may be posted to another isolate. */
export interface DatabaseAddress {
  /** A host name or address, or the absolute path of the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  readonly tls?: DatabaseTls;
  /** Taken by `SET ROLE` at connect: how one login of an external server serves with fewer rights. */
  readonly role?: string;
}

const MODES: readonly string[] = ["disable", "prefer", "require", "verify-ca", "verify-full"];
const KNOWN = ["host", "sslmode", "sslrootcert", "role"];

function refuse(why: string, cause?: unknown): never {
  throw new AppError("invalid", `The database URL cannot be used: ${why}`, {
    cause,
    hint: "The form is postgres://user:password@host:5432/database?sslmode=verify-full",
  });
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return refuse("a percent sign in it stands for itself; write it as %25");
  }
}

function readUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // The cause would repeat the text, and with it the password.
    return refuse("it is no URL (special characters of a password must be percent-encoded)");
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") {
    return refuse(`its scheme is "${url.protocol}", not "postgres:"`);
  }
  const unknown = [...url.searchParams.keys()].find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) return refuse(`it has the unknown parameter "${unknown}"`);
  return url;
}

function readCertificates(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    return refuse(`the certificates "${path}" cannot be read: ${messageOf(cause)}`, cause);
  }
}

function tlsOf(url: URL, local: boolean): DatabaseTls | undefined {
  const mode = url.searchParams.get("sslmode");
  const file = url.searchParams.get("sslrootcert");
  if (mode !== null && !MODES.includes(mode)) {
    return refuse(`sslmode "${mode}" is none of ${MODES.join(", ")}`);
  }
  if (local || (mode === null && file === null)) return local ? undefined : { mode: "prefer" };
  const chosen = (mode ?? "verify-full") as TlsMode;
  return file === null ? { mode: chosen } : { mode: chosen, ca: readCertificates(file) };
}

/**
 * Reads `postgres://user:password@host:port/database`. Parameters: `sslmode`, `sslrootcert` (read at once),
 * `host` (folder of a Unix socket) and `role`. Throws `AppError("invalid")`; the message never holds the password.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = readUrl(text);
  const host = url.searchParams.get("host") ?? decode(url.hostname);
  const database = decode(url.pathname.slice(1));
  const user = decode(url.username);
  if (host === "") refuse("it names no host");
  if (database === "") refuse("it names no database");
  if (user === "") refuse("it names no user");
  const tls = tlsOf(url, host.startsWith("/"));
  const role = url.searchParams.get("role");
  return {
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 5432 : Number(url.port),
    database,
    user,
    ...(url.password === "" ? {} : { password: decode(url.password) }),
    ...(tls === undefined ? {} : { tls }),
    ...(role === null ? {} : { role }),
  };
}

/** The address for people and logs: without the password. */
export function describeAddress(address: DatabaseAddress): string {
  const where = address.host.startsWith("/")
    ? `socket ${address.host}`
    : `${address.host}:${address.port}`;
  return `database "${address.database}" at ${where} as "${address.user}"`;
}
