import { AppError } from "../../../kernel/errors.ts";
import { homeAt } from "../../../kernel/home.ts";
import { findService } from "../../../kernel/service_file.ts";
import { type CliContext, DEFAULT_PORT } from "../../context.ts";
import { findProfile } from "../../profile.ts";

/** Where the appliance of this home is, or will be. */
export interface Address {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  readonly isRunning: boolean;
}

const EVERYWHERE: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };

/** The running service's address, else what the profile says. */
export async function findAddress(context: CliContext): Promise<Address> {
  const service = await findService(homeAt(context.home).serviceFile);
  if (service) return { url: reachable(service.url), isRunning: true };
  const server = (await findProfile(context))?.server;
  const host = server?.address ?? "127.0.0.1";
  const port = context.port ?? server?.port ?? DEFAULT_PORT;
  const bracketed = host.includes(":") ? `[${host}]` : host;
  return { url: reachable(`http://${bracketed}:${port}`), isRunning: false };
}

/** Where MCP clients reach the appliance: what the profile says they do, else where it is. */
export async function findClientUrl(context: CliContext): Promise<string> {
  const publicUrl = (await findProfile(context))?.server.public_url;
  return publicUrl?.replace(/\/+$/, "") ?? (await findAddress(context)).url;
}

/** An address that means every address of the host is no address to call. */
function reachable(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = EVERYWHERE[hostname.replace(/^\[|\]$/g, "")] ?? hostname;
  return `${protocol}//${host}${port === "" ? "" : `:${port}`}`;
}

/** An address that the operator gives. Throws `usage` when it is none. */
export function parseAddress(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") {
    return url.href.replace(/\/$/, "");
  }
  throw new AppError("usage", `Cannot use ${JSON.stringify(text)}: expected http(s)://host:port`);
}
