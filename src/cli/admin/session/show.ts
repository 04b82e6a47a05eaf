import { getSession, getUser } from "../../../identity/mod.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { EXIT } from "../../exit.ts";
import { sessionRow } from "../users/view.ts";
import { inspectToken } from "./inspect.ts";
import { inspectAccessToken, isAccessToken } from "./inspect_access.ts";

export default async function show(
  this: CliContext,
  _: object,
  sessionId: string | undefined,
): Promise<void> {
  if (sessionId !== undefined) return await showSession(this, sessionId);
  const token = this.terminal ? "" : (await this.readStdin()).trim();
  if (token === "") {
    throw new AppError("usage", "Expected the id of a session, or a token on standard input");
  }
  const inspect = isAccessToken(token) ? inspectAccessToken : inspectToken;
  const found = await inspect(this, token);
  this.out.card({ kind: "session.token_state", data: { ...found } });
  if (!found.valid) this.setExit(EXIT.denied);
}

async function showSession(context: CliContext, sessionId: string): Promise<void> {
  const { sql } = await openDatabase(context);
  const session = await getSession(sql, sessionId);
  const { name, email } = await getUser(sql, session.userId);
  const row = sessionRow(session, context.clock.now());
  context.out.card({ kind: "session.show", data: { ...row, user_name: name, user_email: email } });
}
