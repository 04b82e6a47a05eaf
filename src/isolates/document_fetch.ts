import { lookup } from "node:dns/promises";
import type { FetchedDocument } from "../egress/mod.ts";
import { inTime } from "../kernel/in_time.ts";
import { isPublicAddress } from "../kernel/public_address.ts";
import { serve } from "../kernel/rpc.ts";
import type { Profile } from "../profile/mod.ts";
import type { DocumentApi, DocumentsApi } from "./documents_api.ts";
import { documentPermissions } from "./permissions.ts";
import { spawnIsolate } from "./spawn.ts";

/** Milliseconds that looking up a name and fetching its document may take together. */
const DEADLINE_MS = 5000;
const MAX_BYTES = 64 * 1024;

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Serves egress, which asks for documents at hosts that it may not reach itself. Answers its end of the line. */
export function serveDocuments(terms: () => Profile["oauth"]): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serve<DocumentsApi>(port1, { fetchDocument: (url) => fetchDocument(url, terms()) });
  port1.start();
  return port2;
}

/**
 * Fetches a client's metadata document. The name is looked up once; if every address it has is public (or
 * the profile lets the host be), an isolate is started that may reach the first of them and nothing else.
 */
export async function fetchDocument(
  url: string,
  terms: Profile["oauth"],
  resolve: Resolve = resolveName,
): Promise<FetchedDocument> {
  const started = performance.now();
  const target = URL.parse(url);
  if (target?.protocol !== "https:") return { ok: false, reason: "it is no https URL" };
  const found = await findAddress(target, terms, resolve);
  if (!found.ok) return found;
  const left = DEADLINE_MS - (performance.now() - started);
  return await getInIsolate(target, found.address, terms, left);
}

type Found =
  | { readonly ok: true; readonly address: string }
  | FetchedDocument & { readonly ok: false };

async function findAddress(
  { hostname, port, host }: URL,
  { document_hosts: allowed }: Profile["oauth"],
  resolve: Resolve,
): Promise<Found> {
  const isAllowed = allowed.includes(host) || port === "" && allowed.includes(hostname);
  if (port !== "" && !isAllowed) return { ok: false, reason: "its port is not 443" };
  let addresses: readonly string[];
  try {
    const bare = hostname.replace(/^\[|\]$/g, "");
    addresses = await inTime(resolve(bare), DEADLINE_MS, "The name cannot be looked up in time");
  } catch {
    return { ok: false, reason: "its host cannot be looked up", isTransient: true };
  }
  const [address] = addresses;
  if (address === undefined) return { ok: false, reason: "its host has no address" };
  return isAllowed || addresses.every(isPublicAddress)
    ? { ok: true, address }
    : { ok: false, reason: "its host has an address that is not public" };
}

async function resolveName(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function getInIsolate(
  target: URL,
  address: string,
  { document_ca: ca }: Profile["oauth"],
  timeoutMs: number,
): Promise<FetchedDocument> {
  const port = Number(target.port || 443);
  const permissions = documentPermissions(address, port);
  const isolate = spawnIsolate<DocumentApi>("documents", "documents", permissions);
  const request = {
    ...{ address, port, host: target.hostname.replace(/^\[|\]$/g, ""), authority: target.host },
    path: target.pathname,
    maxBytes: MAX_BYTES,
    timeoutMs,
    ...ca !== undefined && { ca },
  };
  try {
    return await inTime(isolate.remote.get(request), timeoutMs, "The document came too late");
  } catch {
    return { ok: false, reason: "it cannot be fetched", isTransient: true };
  } finally {
    isolate.terminate();
  }
}
