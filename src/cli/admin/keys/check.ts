import { type Audience, Authenticator, isApiKey } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { EXIT } from "../../exit.ts";

interface Flags {
  readonly audience: Audience;
}

export default async function check(this: CliContext, { audience }: Flags): Promise<void> {
  const text = this.terminal ? "" : (await this.readStdin()).trim();
  if (!isApiKey(text)) throw new AppError("usage", "Expected an API key on standard input");
  const { sql } = await openDatabase(this);
  const refuse = () => Promise.reject(new Error("A key is no token"));
  const who = await new Authenticator({ verify: refuse, sql, clock: this.clock })
    .authenticate(text, audience);
  if (!who.ok && who.kind === "unavailable") {
    throw new AppError("unavailable", "Cannot check the key: the database does not answer");
  }
  const found = who.ok
    ? {
      user_id: who.userId,
      role: who.tier,
      scopes: who.keyScopes,
      department: who.department ?? null,
    }
    : { rule: who.rule, reason: who.reason };
  this.out.card({ kind: "keys.check", data: { valid: who.ok, audience, ...found } });
  if (!who.ok) this.setExit(EXIT.denied);
}
