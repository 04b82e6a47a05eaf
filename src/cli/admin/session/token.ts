import type { Audience } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { createSessionToken } from "./create.ts";
import type { Tier } from "../../../kernel/tiers.ts";

interface Flags {
  readonly user?: string;
  readonly role?: Tier;
  readonly audience: Audience;
  readonly ttl: number;
}

export default async function token(this: CliContext, flags: Flags): Promise<void> {
  const { user, role, audience, ttl } = flags;
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
