import type { CliContext } from "../../context.ts";
import { findAddress } from "../../core/hooks/address.ts";
import { issueServerToken } from "./server_token.ts";

type NoFlags = Readonly<Record<never, never>>;

export default async function headers(
  this: CliContext,
  _: NoFlags,
  server: string,
): Promise<void> {
  const { url } = await findAddress(this);
  const { token } = await issueServerToken(this, { server, url });
  const data = { Authorization: `Bearer ${token}` };
  // What a client reads is the bare object, whatever is asked for otherwise.
  this.out.text({ kind: "mcp.headers", text: JSON.stringify(data), data });
}
