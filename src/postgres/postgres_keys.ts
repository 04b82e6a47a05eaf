import { join } from "node:path";
import { AppError } from "../kernel/errors.ts";
import { randomBytes } from "../kernel/ids.ts";
import { findText, makeFolder, writeWhole } from "./file_access.ts";

/**
 * Login roles of the embedded server: superuser for migrations, the serving one, the one that opens secrets,
 * the one that keeps and sends logs, the one of the retention job, the reader.
 */
export const DATABASE_ROLES = [
  "spgov_owner",
  "spgov_serve",
  "spgov_vault",
  "spgov_logs",
  "spgov_retention",
  "spgov_read",
] as const;
export type DatabaseRole = typeof DATABASE_ROLES[number];

/** A password per role. */
export type DatabaseKeys = Readonly<Record<DatabaseRole, string>>;

function keysPath(home: string): string {
  return join(home, "keys", "database.json");
}

/** Passwords of 32 random bytes. */
export function newKeys(): DatabaseKeys {
  const password = () => randomBytes(32).toBase64({ alphabet: "base64url", omitPadding: true });
  return {
    spgov_owner: password(),
    spgov_serve: password(),
    spgov_vault: password(),
    spgov_logs: password(),
    spgov_retention: password(),
    spgov_read: password(),
  };
}

/** The passwords in `<home>/keys/database.json`; undefined when there is no such file or it is not whole. */
export async function findKeys(home: string): Promise<DatabaseKeys | undefined> {
  const text = await findText(keysPath(home)).catch((cause) => {
    throw new AppError("forbidden", `"${keysPath(home)}" cannot be read`, {
      cause,
      hint: "Run as the user that started the service first.",
    });
  });
  try {
    const keys = JSON.parse(text ?? "null") as DatabaseKeys | null;
    return keys !== null && DATABASE_ROLES.every((role) => typeof keys[role] === "string")
      ? keys
      : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the passwords, readable by nobody else. */
export async function saveKeys(home: string, keys: DatabaseKeys): Promise<void> {
  await makeFolder(join(home, "keys"), 0o700);
  await writeWhole(keysPath(home), JSON.stringify(keys, null, 2) + "\n", 0o600);
}
