import type { CliContext } from "../../context.ts";
import { createSessionToken } from "../../admin/session/create.ts";
import type { Tier } from "../../../kernel/tiers.ts";

/** Who calls, where that is not the operator. */
export interface CallerFlags {
  readonly user?: string;
  readonly role?: Tier;
}

export interface ServerTokenWish extends CallerFlags {
  /** A server's name, or `all`. */
  readonly server: string;
  /** Address of the appliance. */
  readonly url: string;
}

export interface ServerToken {
  readonly token: string;
  readonly session_id: string;
  readonly expires_at: Date;
}

const TTL_MS = 15 * 60_000;

/** A token that is good for one server, in a session of its own. */
export async function issueServerToken(
  context: CliContext,
  { user, role }: ServerTokenWish,
): Promise<ServerToken> {
  const { token, session } = await createSessionToken(context, {
    audience: "mcp",
    ttlMs: TTL_MS,
    ...user !== undefined && { user },
    ...role !== undefined && { role },
  });
  return { token, session_id: session.id, expires_at: session.expiresAt };
}
