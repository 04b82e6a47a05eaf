import type { Audience } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import type { CliContext } from "../../context.ts";
import { createAccessToken } from "./access_token.ts";
import { createSessionToken } from "./create.ts";

interface Flags {
  readonly user?: string;
  readonly role?: Tier;
  readonly audience: Audience;
  readonly ttl?: number;
  readonly server?: string;
  readonly url?: string;
}

const HOUR_MS = 3_600_000;

export default async function token(this: CliContext, flags: Flags): Promise<void> {
  const { audience, server, url } = flags;
  if (audience === "mcp") return await printAccessToken(this, flags);
  if (server !== undefined || url !== undefined) {
    throw new AppError("usage", "--server and --url are for tokens of the audience mcp");
  }
  const { user, role, ttl = HOUR_MS } = flags;
  const opened = await createSessionToken(this, {
    audience,
    ttlMs: ttl,
    ...user === undefined ? {} : { user },
    ...role === undefined ? {} : { role },
  });
  const { session } = opened;
  this.out.text({
    kind: "session.token",
    text: opened.token,
    data: {
      token: opened.token,
      session_id: session.id,
      user_id: session.userId,
      role: session.role,
      audience: session.audience,
      expires_at: session.expiresAt,
    },
  });
}

async function printAccessToken(
  context: CliContext,
  { user, role, ttl, server, url }: Flags,
): Promise<void> {
  if (server === undefined) {
    throw new AppError("usage", "A token for MCP is for one server: name it by --server");
  }
  const issued = await createAccessToken(context, {
    server,
    ...user !== undefined && { user },
    ...role !== undefined && { role },
    ...ttl !== undefined && { ttlMs: ttl },
    ...url !== undefined && { url },
  });
  context.out.text({
    kind: "session.token",
    text: issued.token,
    data: {
      token: issued.token,
      session_id: issued.sessionId,
      user_id: issued.userId,
      role: issued.role,
      audience: "mcp",
      resource: issued.resource,
      scopes: issued.scopes,
      expires_at: issued.expiresAt,
    },
  });
}
