import { type DatabaseAddress, parseDatabaseUrl } from "../kernel/database_address.ts";
import { type EmbeddedServer, findEmbedded, startEmbedded } from "../postgres/mod.ts";
import type { Log } from "../kernel/log.ts";
import { AppError, messageOf } from "../kernel/errors.ts";

/** Which database serves, and by which logins. */
export interface Database {
  readonly kind: "embedded" | "external";
  /** Migrations and upkeep. */
  readonly owner: DatabaseAddress;
  /** Gateways and egress: may append and read. */
  readonly serve: DatabaseAddress;
  /** Egress alone: may read what is sealed. */
  readonly vault: DatabaseAddress;
  /** What keeps log lines: may write those, and read the audit. */
  readonly logs: DatabaseAddress;
  stop(): Promise<void>;
}

export interface DatabaseChoice {
  readonly home: string;
  /** `postgres://…` of an external server; embedded when undefined. */
  readonly url: string | undefined;
  readonly servingUrl: string | undefined;
  readonly vaultUrl: string | undefined;
  readonly log: Log;
}

const RESTART_MS = 250;

/** Starts the embedded server, or says how to reach the external one. */
export async function openDatabase(choice: DatabaseChoice): Promise<Database> {
  if (choice.url !== undefined) return externalDatabase(choice.url, choice);
  const keeper = await keepEmbedded(choice.home, choice.log);
  const { owner, serve, vault, logs } = keeper.server.addresses;
  return { kind: "embedded", owner, serve, vault, logs, stop: keeper.stop };
}

/** The logins without starting anything; the embedded server must be running. */
export async function findDatabase(
  choice: Omit<DatabaseChoice, "log">,
): Promise<Pick<Database, "owner" | "serve" | "vault" | "logs">> {
  if (choice.url !== undefined) return externalDatabase(choice.url, choice);
  const addresses = await findEmbedded(choice.home);
  if (addresses) return addresses;
  throw new AppError("unavailable", `No service runs in "${choice.home}"`, {
    hint: 'Run "spgov start" first, or set DATABASE_URL.',
  });
}

function externalDatabase(
  url: string,
  { servingUrl, vaultUrl }: Pick<DatabaseChoice, "servingUrl" | "vaultUrl">,
): Database {
  const owner = parseDatabaseUrl(url);
  const login = (own: string | undefined, role: string): DatabaseAddress =>
    own === undefined ? { ...owner, role } : parseDatabaseUrl(own);
  return {
    kind: "external",
    owner,
    serve: login(servingUrl, "spgov_serve"),
    vault: login(vaultUrl, "spgov_vault"),
    logs: login(undefined, "spgov_logs"),
    stop: () => Promise.resolve(),
  };
}

/** Keeps the embedded server running: one that dies is started again, at the same place. */
async function keepEmbedded(
  home: string,
  log: Log,
): Promise<{ readonly server: EmbeddedServer; stop(): Promise<void> }> {
  let server = await startEmbedded({ home, log });
  let stopping = false;
  const first = server;
  const keeping = keep();

  async function keep(): Promise<void> {
    while (!stopping) {
      const exit = await server.exited;
      if (stopping) return;
      log.error("PostgreSQL ended; it is started again", { ...exit });
      await server.stop().catch(() => undefined);
      await restart();
    }
  }

  async function restart(): Promise<void> {
    while (!stopping) {
      try {
        server = await startEmbedded({ home, log });
        return log.info("PostgreSQL is back");
      } catch (error) {
        log.error("PostgreSQL cannot be started", { cause: messageOf(error) });
        await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
      }
    }
  }

  return {
    server: first,
    async stop() {
      stopping = true;
      await server.stop();
      await keeping;
    },
  };
}
