import { AppError } from "../kernel/errors.ts";
import type { RandomBytes } from "../kernel/ids.ts";
import { bindFields, cannotOpen, open, seal, type Sealed } from "./cipher.ts";
import type { SecretBytes } from "./secret_bytes.ts";

/** Whose a secret is: everybody's, a department's, or one user's. */
export type SecretOwner =
  | { readonly kind: "global" }
  | { readonly kind: "department"; readonly id: string }
  | { readonly kind: "user"; readonly id: string };

/** Everything about a secret but its value. */
export interface SecretFacts {
  readonly id: string;
  readonly owner: SecretOwner;
  readonly name: string;
  /** MCP servers that may get it, sorted; nobody else does. */
  readonly servers: readonly string[];
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  /** When its value last changed. */
  readonly rotatedAt: Date;
  readonly lastUsedAt: Date | null;
  /** Version of the data key that seals it. */
  readonly keyVersion: number;
}

/** The facts that are sealed together with the value: changing one in the database makes it unreadable. */
export type BoundFacts = Pick<
  SecretFacts,
  "owner" | "name" | "servers" | "expiresAt" | "keyVersion"
>;

/** Largest value in bytes: what a process can be given in one variable. */
export const MAX_SECRET_BYTES = 65_536;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
/** An MCP server, or one of our own clients: of an identity provider, a mail relay, a log collector. */
const SERVER = /^(?:(?:idp|mail|log)\.)?[a-z0-9][a-z0-9-]{0,62}$/;

/** Seals a value together with whose it is and who may get it. */
export function sealSecret(
  key: SecretBytes,
  value: SecretBytes,
  facts: BoundFacts,
  random?: RandomBytes,
): Promise<Sealed> {
  return seal(key, value, boundData(facts), random);
}

/** The value. Throws `invalid` when row and value do not belong together or the key is another. */
export async function openSecret(
  key: SecretBytes,
  sealed: Sealed,
  facts: BoundFacts,
): Promise<SecretBytes> {
  const value = await open(key, sealed, boundData(facts));
  if (!value) throw cannotOpen(`the secret ${JSON.stringify(facts.name)}`);
  return value;
}

function boundData({ owner, name, servers, expiresAt, keyVersion }: BoundFacts): Uint8Array {
  return bindFields([
    "spgov/secret/v1",
    owner.kind,
    ownerId(owner),
    name,
    `${keyVersion}`,
    expiresAt === null ? "" : `${expiresAt.getTime()}`,
    ...servers,
  ]);
}

/** How an owner stands in the table: its id, empty for the global one. */
export function ownerId(owner: SecretOwner): string {
  return owner.kind === "global" ? "" : owner.id;
}

/** An owner in words: `everybody`, `department research`, `user 0199…`. */
export function describeOwner(owner: SecretOwner): string {
  return owner.kind === "global" ? "everybody" : `${owner.kind} ${owner.id}`;
}

/** Whether a secret can be called so. */
export function isSecretName(text: string): boolean {
  return NAME.test(text);
}

/** Throws `invalid` for a name that is none. The name is quoted: names are no secrets. */
export function checkSecretName(name: string): void {
  if (isSecretName(name)) return;
  throw new AppError("invalid", `${JSON.stringify(name)} cannot be the name of a secret`, {
    hint: "Letters, digits, `_`, `.` and `-`, at most 128, a letter or digit first.",
  });
}

/** Servers sorted, each once. Throws `invalid` for a name that no server can have. */
export function checkServers(servers: readonly string[]): readonly string[] {
  const wrong = servers.find((server) => !SERVER.test(server) || server === "all");
  if (wrong === undefined) return [...new Set(servers)].sort();
  throw new AppError("invalid", `${JSON.stringify(wrong)} cannot be the name of an MCP server`);
}

/** Throws `invalid` for a value that no process could be given. The message tells nothing of it. */
export function checkSecretValue(name: string, value: SecretBytes): void {
  const problem = problemOf(value.reveal());
  if (!problem) return;
  throw new AppError("invalid", `Cannot keep the value of ${JSON.stringify(name)}: it ${problem}`);
}

function problemOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "is empty";
  if (bytes.length > MAX_SECRET_BYTES) return `has more than ${MAX_SECRET_BYTES} bytes`;
  if (bytes.includes(0)) return "holds a zero byte";
  return isUtf8(bytes) ? undefined : "is not UTF-8 text";
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
