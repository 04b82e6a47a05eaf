import { type Audience, createApiKey, getUser } from "../../../identity/mod.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import { operatorOf } from "../../actor.ts";
import { identityContext } from "../../audit.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { printMade } from "./print.ts";

interface Flags {
  readonly user: string;
  readonly name: string;
  readonly audience: readonly Audience[];
  readonly scope: readonly string[];
  readonly role?: Tier;
  readonly ttl?: number;
  readonly agent?: string;
  readonly device?: string;
}

export default async function create(this: CliContext, flags: Flags): Promise<void> {
  const { sql } = await openDatabase(this);
  const { user, audience, scope, ttl, ...rest } = flags;
  const made = await createApiKey(identityContext(this, sql), operatorOf(this), {
    ...rest,
    userId: (await getUser(sql, user)).id,
    audiences: audience,
    scopes: scope,
    ...ttl !== undefined && { ttlMs: ttl },
  });
  printMade(this, "keys.create", made);
}
