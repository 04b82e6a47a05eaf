import type { CliContext } from "../../context.ts";
import { createAccessToken } from "../../admin/session/access_token.ts";
import type { Tier } from "../../../kernel/tiers.ts";

/** Who calls, where that is not the operator. */
export interface CallerFlags {
  readonly user?: string;
  readonly role?: Tier;
}

export interface ServerTokenWish extends CallerFlags {
  /** A server's name, or `all`. */
  readonly server: string;
  /** Address of the appliance as the client reaches it; what the profile says unless given. */
  readonly url?: string;
}

export interface ServerToken {
  readonly token: string;
  readonly session_id: string;
  readonly expires_at: Date;
}

/** A token that is good for one server, in a session of its own. */
export async function issueServerToken(
  context: CliContext,
  { user, role, server, url }: ServerTokenWish,
): Promise<ServerToken> {
  const { token, sessionId, expiresAt } = await createAccessToken(context, {
    server,
    ...url !== undefined && { url },
    ...user !== undefined && { user },
    ...role !== undefined && { role },
  });
  return { token, session_id: sessionId, expires_at: expiresAt };
}
