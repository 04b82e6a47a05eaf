import { appendRows, eventRow } from "../../src/audit/mod.ts";
import { listen, openPool, type Pool } from "../../src/db/mod.ts";
import { LOCAL_OPERATOR } from "../../src/identity/mod.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import { createLog } from "../../src/kernel/log.ts";
import { randomBytes } from "../../src/kernel/ids.ts";
import {
  openVault,
  SecretBytes,
  type SecretInput,
  SECRETS_CHANNEL,
  SecretWatch,
  setSecrets,
  type Vault,
  type VaultContext,
} from "../../src/vault/mod.ts";
import { type TestDatabase, withDatabase } from "../support/mod.ts";

/** A database of its own with a vault. */
export interface VaultWorld {
  /** As the owner. */
  readonly sql: Pool;
  /** As the login that opens secrets. */
  readonly serving: Pool;
  readonly context: VaultContext;
  readonly vault: Vault;
  readonly database: TestDatabase;
  /** Milliseconds that are added to the time. */
  readonly time: { ahead: number };
  set(input: Omit<Partial<SecretInput>, "value"> & { readonly value: string }): Promise<void>;
  /** The value as text. */
  resolve(name: string, server: string, user?: string, department?: string): Promise<
    string | undefined
  >;
}

export function secretOf(text: string): SecretBytes {
  return new SecretBytes(new TextEncoder().encode(text));
}

export function textOf(value: SecretBytes | undefined): string | undefined {
  return value && new TextDecoder().decode(value.reveal());
}

export function newMaster(): SecretBytes {
  return new SecretBytes(randomBytes(32));
}

/** Watches the secrets of a database. */
export function watchOf(
  { serving, database }: Pick<VaultWorld, "serving" | "database">,
  onChange: (names: readonly string[]) => void,
): SecretWatch {
  return new SecretWatch({
    listen: (heard) =>
      listen(database.vault, {
        channel: SECRETS_CHANNEL,
        applicationName: "test watch",
        onNotify: heard,
        onReconnect: heard,
      }),
    sql: serving,
    clock: systemClock,
    log: createLog({ module: "test", write: () => {} }),
    onChange,
  });
}

/** What changes of a vault need, as the operator of the machine. */
export function vaultContext(sql: Pool, master: SecretBytes, clock: Clock): VaultContext {
  return {
    sql,
    master,
    clock,
    actor: LOCAL_OPERATOR,
    record: (transaction, events) =>
      appendRows(transaction, "test", events.map((event) => eventRow(event, Date.now()))),
  };
}

/** Runs `body` with a database that is dropped afterwards. */
export async function withVault(
  body: (world: VaultWorld) => Promise<void>,
  master: SecretBytes = newMaster(),
): Promise<void> {
  await withDatabase(async (database) => {
    const sql = openPool(database.owner, { max: 4, applicationName: "test" });
    const serving = openPool(database.vault, { max: 4, applicationName: "test vault" });
    const time = { ahead: 0 };
    const clock = { now: () => Date.now() + time.ahead, monotonic: () => performance.now() };
    const context = vaultContext(sql, master, clock);
    const vault = openVault(serving, master, clock);
    try {
      await body({
        sql,
        serving,
        context,
        vault,
        database,
        time,
        async set({ value, ...rest }) {
          const base = { owner: { kind: "global" }, name: "TOKEN", servers: ["github"] } as const;
          await setSecrets(context, [{ ...base, ...rest, value: secretOf(value) }]);
        },
        resolve: async (name, server, user, department) =>
          textOf(await vault.resolve(name, server, user ?? "nobody", department)),
      });
    } finally {
      await sql.end({ timeout: 2 });
      await serving.end({ timeout: 2 });
    }
  });
}
