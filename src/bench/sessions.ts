import { appendRows, eventRow } from "../audit/mod.ts";
import { openPool } from "../db/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import {
  type Audience,
  createDepartment,
  createUser,
  type IdentityContext,
  issueToken,
  listDepartments,
  LOCAL_OPERATOR,
  openSession,
  OPERATOR_ID,
} from "../identity/mod.ts";
import { systemClock } from "../kernel/clock.ts";
import { ensureInstance, shortInstance } from "../kernel/home.ts";
import type { Tier } from "../kernel/tiers.ts";
import { deriveKey, issuerOf, loadMasterKey } from "../vault/mod.ts";

/** A home with a database that is reachable now. */
export interface Place {
  readonly home: string;
  readonly database: DatabaseAddress;
}

export interface SessionWish {
  /** Id of the user; default the local operator. */
  readonly userId?: string;
  /** Default: the user's highest. */
  readonly role?: Tier;
  /** Default `hook`. */
  readonly audience?: Audience;
  readonly agent?: string;
  /** Default one hour. */
  readonly ttlMs?: number;
}

/** An open session and the token that is good for it. */
export interface TokenOfSession {
  readonly sessionId: string;
  readonly token: string;
}

/** Opens sessions as the command line does, without a process for each. One per wish, in order. */
export async function openSessions(
  place: Place,
  wishes: readonly SessionWish[],
): Promise<readonly TokenOfSession[]> {
  const { key } = await loadMasterKey({ home: place.home, env: {} });
  const issuer = issuerOf(key);
  const signing = deriveKey(key, "token").reveal();
  return await withIdentity(place, async (context) => {
    const opened: TokenOfSession[] = [];
    for (const { userId = OPERATOR_ID, audience = "hook", ttlMs = 3_600_000, ...rest } of wishes) {
      const request = { userId, audience, ttlMs, clientId: "spgov-bench", issuer, ...rest };
      const { session, token } = await openSession(
        context,
        LOCAL_OPERATOR,
        request,
        (claims) => issueToken(signing, claims),
      );
      opened.push({ sessionId: session.id, token });
    }
    return opened;
  });
}

/** Creates `count` users with the role `user`; answers their ids. */
export async function createUsers(place: Place, count: number): Promise<readonly string[]> {
  return await withIdentity(place, async (context) => {
    const ids: string[] = [];
    for (let i = 0; i < 10; i++) await ensureDepartment(context, `d${i}`);
    for (let i = 0; i < count; i++) {
      const name = `bench-${i}-${crypto.randomUUID().slice(0, 8)}`;
      const input = { name, email: `${name}@example.test`, department: `d${i % 10}` };
      ids.push((await createUser(context, LOCAL_OPERATOR, input)).id);
    }
    return ids;
  });
}

async function ensureDepartment(context: IdentityContext, name: string): Promise<void> {
  const known = await listDepartments(context.sql);
  if (known.some((department) => department.name === name)) return;
  await createDepartment(context, LOCAL_OPERATOR, { name });
}

async function withIdentity<T>(
  { home, database }: Place,
  work: (context: IdentityContext) => Promise<T>,
): Promise<T> {
  const sql = openPool(database, { max: 1, applicationName: "spgov bench" });
  const writer = `${shortInstance(await ensureInstance(home))}/cli`;
  try {
    return await work({
      sql,
      clock: systemClock,
      record: (transaction, events) => {
        const now = Date.now();
        return appendRows(transaction, writer, events.map((event) => eventRow(event, now)));
      },
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
