import type { SecretFacts } from "../../../vault/mod.ts";
import type { CliContext } from "../../context.ts";

/** A secret as `--json` prints it: everything but the value. */
export interface SecretView {
  readonly id: string;
  readonly name: string;
  readonly owner_kind: "global" | "department" | "user";
  readonly owner_id: string | null;
  readonly servers: readonly string[];
  readonly state: "active" | "expired";
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly rotated_at: Date;
  readonly created_at: Date;
  readonly key_version: number;
}

/** What is known of a secret at the time `now`, in milliseconds. */
export function secretView(facts: SecretFacts, now: number): SecretView {
  const { owner, expiresAt } = facts;
  return {
    id: facts.id,
    name: facts.name,
    owner_kind: owner.kind,
    owner_id: owner.kind === "global" ? null : owner.id,
    servers: facts.servers,
    state: expiresAt !== null && expiresAt.getTime() <= now ? "expired" : "active",
    expires_at: expiresAt,
    last_used_at: facts.lastUsedAt,
    rotated_at: facts.rotatedAt,
    created_at: facts.createdAt,
    key_version: facts.keyVersion,
  };
}

/** Prints the secret as it is now, with what was done. */
export function printSecret(
  { out, clock }: CliContext,
  kind: string,
  facts: SecretFacts,
  message: string,
): void {
  const card = secretView(facts, clock.now());
  out.card({ kind, data: { ...card, message }, fields: { ...card } });
  out.note(message);
}
