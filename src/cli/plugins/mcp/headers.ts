import type { CliContext } from "../../context.ts";
import { findAddress } from "../../core/hooks/address.ts";
import { type CallerFlags, issueServerToken } from "./server_token.ts";

export default async function headers(
  this: CliContext,
  caller: CallerFlags,
  server: string,
): Promise<void> {
  const { url } = await findAddress(this);
  const { token } = await issueServerToken(this, { ...caller, server, url });
  const data = { Authorization: `Bearer ${token}` };
  this.out.text({ kind: "mcp.headers", text: JSON.stringify(data), data });
}
