import assert from "node:assert/strict";
import { appendRows, eventRow } from "../../src/audit/mod.ts";
import type { FederationMethods } from "../../src/egress/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { baseUrlOf, createApp, type HttpDependencies } from "../../src/http/mod.ts";
import {
  AddressBans,
  createPasswordHasher,
  createPeople,
  createUser,
  type IdentityContext,
  type PasswordHasher,
  setPassword,
  type User,
} from "../../src/identity/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createFailureLimiter } from "../../src/kernel/failure_limiter.ts";
import { type Federation, type PageDependencies, pageRoutes } from "../../src/ui/mod.ts";
import { ADMIN } from "../store/identity_world.ts";
import { type TestDatabase, withDatabase } from "../support/mod.ts";

/** Nothing here needs what hooks need. */
const NO_HOOKS = {} as HttpDependencies;
/** A cost that lets a test try often; the product's own is tested where it matters. */
const CHEAP = { ln: 8, r: 8, p: 1 };

/** The pages on a port of their own, with the rights that a gateway has, and a database of their own. */
export interface PagesWorld {
  readonly base: string;
  readonly port: number;
  /** As the owner. */
  readonly sql: Pool;
  /** As what serves. */
  readonly serve: Pool;
  /** As egress. */
  readonly vault: Pool;
  readonly context: IdentityContext;
  readonly hasher: PasswordHasher;
  readonly database: TestDatabase;
  /** What no page was able to say. */
  readonly reported: unknown[];
  user(name: string, password?: string): Promise<User>;
}

/** What a world may have of its own. */
export interface WorldOptions {
  readonly interactions?: (serve: Pool, vault: Pool) => PageDependencies["interactions"];
  readonly federation?: Federation & FederationMethods;
  readonly publicUrl?: string;
}

export async function withPages(
  work: (world: PagesWorld) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  await withDatabase(async (database) => {
    const sql = openPool(database.owner, { max: 2, applicationName: "test" });
    const serve = openPool(database.serve, { max: 4, applicationName: "test pages" });
    const vault = openPool(database.vault, { max: 4, applicationName: "test people" });
    const hasher = createPasswordHasher(CHEAP);
    const people = { ...contextOf(vault, "test/egress"), mayRecord: () => true };
    const reported: unknown[] = [];
    let port = 0;
    const pages = pageRoutes({
      identity: contextOf(serve, "test/people"),
      people: createPeople(people, hasher, options.federation ?? NO_PROVIDERS),
      interactions: options.interactions?.(serve, vault) ?? nothingWaits(),
      federation: options.federation ?? { list: () => [] },
      baseOf: (request) => baseUrlOf(request, { publicUrl: options.publicUrl, port }),
      isBanned: (address) => new AddressBans({ sql: serve, clock: systemClock }).ask(address),
      mayChallenge: limiter(),
      report: (error) => void reported.push(error),
    });
    const app = createApp(NO_HOOKS, pages);
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request, info) => app.fetch(request, { address: info.remoteAddr.hostname }),
    );
    port = server.addr.port;
    const context = contextOf(sql, "test/owner");
    try {
      await work({
        base: `http://127.0.0.1:${port}`,
        ...{ port, sql, serve, vault, context, hasher, database, reported },
        async user(name, password) {
          const user = await createUser(context, ADMIN, { name, email: `${name}@example.com` });
          if (password !== undefined) await setPassword(context, ADMIN, hasher, user, password);
          return user;
        },
      });
    } finally {
      await server.shutdown();
      await serve.end({ timeout: 2 });
      await vault.end({ timeout: 2 });
      await sql.end({ timeout: 2 });
    }
    assert.deepEqual(reported, [], "a page broke");
  });
}

/** What changes of identities need; rows go to the chain `writer`. */
export function contextOf(sql: Pool, writer: string): IdentityContext {
  return {
    sql,
    clock: systemClock,
    record: (transaction, events) =>
      appendRows(transaction, writer, events.map((event) => eventRow(event, Date.now()))),
  };
}

function limiter(): (address: string) => boolean {
  const made = createFailureLimiter(systemClock);
  return (address) => made.mayRecord(address);
}

function none(): Promise<never> {
  return Promise.reject(new Error("Nothing waits"));
}

const NO_PROVIDERS: FederationMethods = { beginFederation: none, finishFederation: none };

function nothingWaits(): PageDependencies["interactions"] {
  return {
    find: () => Promise.resolve(undefined),
    findDevice: () => Promise.resolve(undefined),
    next: none,
    complete: none,
  };
}
