import type { CliContext } from "../../context.ts";
import { type CallerFlags, issueServerToken } from "./server_token.ts";

export default async function headers(
  this: CliContext,
  caller: CallerFlags,
  server: string,
): Promise<void> {
  const { token } = await issueServerToken(this, { ...caller, server });
  const data = { Authorization: `Bearer ${token}` };
  this.out.text({ kind: "mcp.headers", text: JSON.stringify(data), data });
}
