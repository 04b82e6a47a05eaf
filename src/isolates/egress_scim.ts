import { openPool } from "../db/mod.ts";
import type { ScimAnswer, ScimCall, ScimMethods } from "../egress/mod.ts";
import type { IdentityConfig } from "../federation/config/mod.ts";
import type { RolesConfig } from "../governance/mod.ts";
import {
  type Actor,
  AddressBans,
  type Authenticated,
  Authenticator,
  Gate,
  type IdentityContext,
  type TokenVerifier,
} from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { answerScim, isReading, ScimError, scimFailure } from "../scim/mod.ts";
import { permits } from "./gateway_api.ts";
import { createIdentityContext } from "./identity_context.ts";

export interface EgressScimOptions {
  readonly instance: string;
  /** The login that may change people. */
  readonly vault: DatabaseAddress;
  readonly verify: TokenVerifier;
  readonly roles: () => RolesConfig;
  readonly config: () => IdentityConfig;
  readonly clock: Clock;
  readonly log: Log;
}

/** What directories ask, answered by the isolate that verifies who asks. */
export interface EgressScim {
  readonly methods: ScimMethods;
  close(): Promise<void>;
}

/** A group of many thousands takes a while; whoever asked for less has given up by then. */
const STATEMENT_MS = 20_000;
const LOCK_MS = 5000;
const IDLE_SECONDS = 60;

/** Makes it, without reaching for the database yet. */
export function createEgressScim(options: EgressScimOptions): EgressScim {
  const { vault, clock, instance, verify } = options;
  const sql = openPool(vault, {
    max: 2,
    applicationName: "spgov egress scim",
    statementTimeoutMs: STATEMENT_MS,
    lockTimeoutMs: LOCK_MS,
    idleTimeoutSeconds: IDLE_SECONDS,
  });
  // It hears of no revocations: whoever asks is looked up each time.
  const gate = new Gate(
    new Authenticator({ verify, sql, clock, staleMs: 0 }),
    new AddressBans({ sql, clock }),
  );
  const identity = createIdentityContext(sql, clock, `${instance}/scim`);
  return {
    methods: { callScim: (call) => answer(options, gate, identity, call) },
    close: () => sql.end({ timeout: 1 }),
  };
}

async function answer(
  options: EgressScimOptions,
  gate: Gate,
  identity: IdentityContext,
  call: ScimCall,
): Promise<ScimAnswer> {
  try {
    const who = await gate.admit(call.token, "api", call.address);
    if (!who.ok) return refused(who.kind === "unavailable" ? 503 : 401, who.reason);
    const permission = isReading(call) ? "scim:read" : "scim:write";
    if (!permits(options.roles(), who, permission)) {
      return refused(403, `This takes the permission ${permission}`);
    }
    const { base, ifMatch, traceId } = call;
    const context = { identity, actor: actorOf(who, traceId), base, ifMatch };
    return await answerScim(context, call, options.config().scim.roles);
  } catch (error) {
    options.log.error("A request of a directory failed", { cause: messageOf(error) });
    const isDriver = error instanceof Error && "code" in error;
    return refused(isDriver ? 503 : 500, "The request cannot be answered at this moment");
  }
}

function refused(status: number, reason: string): ScimAnswer {
  const answer = scimFailure(new ScimError(status, reason));
  return {
    ...answer,
    headers: {
      ...status === 401 && { "www-authenticate": "Bearer" },
      ...status === 503 && { "retry-after": "5" },
    },
  };
}

function actorOf(
  { userId, tier: role, sessionId, clientId }: Authenticated,
  traceId: string,
): Actor {
  return { userId, role, surface: "api", sessionId, clientId, traceId };
}
