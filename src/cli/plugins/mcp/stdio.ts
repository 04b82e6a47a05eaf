import { AppError, messageOf } from "../../../kernel/errors.ts";
import { serverPath } from "../../../plugins/mod.ts";
import type { CliContext } from "../../context.ts";
import { createBridge } from "./bridge.ts";
import { findRunning } from "./gateway.ts";
import { type CallerFlags, issueServerToken, type ServerToken } from "./server_token.ts";

/** A token that ends sooner is replaced before it is used again. */
const RENEW_MS = 60_000;

export default async function stdio(
  this: CliContext,
  caller: CallerFlags,
  server: string,
): Promise<void> {
  if (this.out.isJson) {
    throw new AppError("usage", "This speaks the protocol on standard output: leave --json out");
  }
  const base = await findRunning(this);
  let token: ServerToken | undefined;
  const getToken = async (isRefused: boolean): Promise<string> => {
    const rest = token ? token.expires_at.getTime() - this.clock.now() : 0;
    if (isRefused || !token || rest < RENEW_MS) {
      token = await issueServerToken(this, { ...caller, server });
    }
    return token.token;
  };
  // Who may not is told before the client waits for an answer.
  await getToken(false);
  const output = this.out.stream<string>({ kind: "mcp.message", line: (text) => text });
  const bridge = createBridge({
    url: `${base}${serverPath(server)}`,
    token: getToken,
    write: (message) => output.write(message),
    report: (problem) => this.out.warn(messageOf(problem)),
  });
  try {
    for await (const line of this.readLines()) {
      if (line.trim() !== "") bridge.send(line);
    }
  } finally {
    await bridge.close();
  }
}
