import { joinBytes } from "../kernel/bytes.ts";
import type { FetchedDocument } from "./oauth_protocol.ts";

/** One GET of a JSON document, at an address that was looked up before. */
export interface HttpsGet {
  /** IP address and port to connect to. */
  readonly address: string;
  readonly port: number;
  /** The name that the certificate has to be for. */
  readonly host: string;
  /** What the header `Host` says. */
  readonly authority: string;
  readonly path: string;
  /** PEM of authorities that count beside the usual ones. */
  readonly ca?: string;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Fetches a JSON object over HTTPS from exactly this address, however its name may be looked up by then:
 * `fetch` takes no address apart from the name. Status 200 only; redirects are not followed.
 */
export async function getJsonDocument(request: HttpsGet): Promise<FetchedDocument> {
  let connection: Deno.Conn | undefined;
  const timer = setTimeout(() => closeQuietly(connection), request.timeoutMs);
  try {
    const plain = await Deno.connect({ hostname: request.address, port: request.port });
    connection = plain;
    const tls = await Deno.startTls(plain, {
      hostname: request.host,
      ...request.ca !== undefined && { caCerts: [request.ca] },
    });
    connection = tls;
    await writeAll(tls, headOf(request));
    return readAnswer(await readAll(tls, request.maxBytes + MAX_HEAD_BYTES), request.maxBytes);
  } catch {
    return { ok: false, reason: "it cannot be fetched", isTransient: true };
  } finally {
    clearTimeout(timer);
    closeQuietly(connection);
  }
}

function headOf({ authority, path }: HttpsGet): Uint8Array {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${authority}`,
    "Accept: application/json",
    "User-Agent: spgov",
    "Connection: close",
  ];
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Everything up to the end of the stream; undefined when there is more than `limit`. */
async function readAll(connection: Deno.Conn, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const buffer = new Uint8Array(16 * 1024);
  for (;;) {
    const count = await readSome(connection, buffer);
    if (count === null) break;
    size += count;
    if (size > limit) return undefined;
    chunks.push(buffer.slice(0, count));
  }
  return joinBytes(chunks, size);
}

/** Servers that close without saying so end the stream too: the length tells whether anything is missing. */
async function readSome(connection: Deno.Conn, buffer: Uint8Array): Promise<number | null> {
  try {
    return await connection.read(buffer);
  } catch (error) {
    if (error instanceof Deno.errors.UnexpectedEof) return null;
    throw error;
  }
}

function readAnswer(bytes: Uint8Array | undefined, maxBytes: number): FetchedDocument {
  const tooLarge = { ok: false, reason: `it is larger than ${maxBytes} bytes` } as const;
  if (!bytes) return tooLarge;
  const end = findHeadEnd(bytes);
  if (end === undefined) return { ok: false, reason: "its host does not speak HTTP" };
  const [statusLine = "", ...fields] = new TextDecoder("latin1").decode(bytes.subarray(0, end))
    .split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (status !== "200") {
    const isTransient = status?.startsWith("5") ?? false;
    return { ok: false, reason: `its host answers ${status ?? "no status"}`, isTransient };
  }
  const headers = readFields(fields);
  if (!/^application\/([a-z.+-]+\+)?json\s*(;|$)/i.test(headers.get("content-type") ?? "")) {
    return { ok: false, reason: "it is no JSON document" };
  }
  const body = bodyOf(bytes.subarray(end + 4), headers);
  if (!body) return { ok: false, reason: "it did not come whole" };
  return body.length > maxBytes ? tooLarge : parse(body);
}

function findHeadEnd(bytes: Uint8Array): number | undefined {
  for (let at = 0; at + 3 < bytes.length && at < MAX_HEAD_BYTES; at++) {
    if (bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) {
      return at;
    }
  }
  return undefined;
}

function readFields(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(lines.map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()] as const;
  }));
}

function bodyOf(rest: Uint8Array, headers: ReadonlyMap<string, string>): Uint8Array | undefined {
  if (headers.has("content-encoding")) return undefined;
  if (headers.get("transfer-encoding")?.toLowerCase() === "chunked") return unchunk(rest);
  const length = headers.get("content-length");
  if (length === undefined) return rest;
  return /^\d{1,9}$/.test(length) && rest.length >= Number(length)
    ? rest.subarray(0, Number(length))
    : undefined;
}

/** The content of a chunked body (RFC 9112 §7.1); undefined when it is malformed or cut short. */
function unchunk(bytes: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (let at = 0;;) {
    const line = bytes.indexOf(13, at);
    const size = line < 0 ? undefined : chunkSize(bytes.subarray(at, line));
    if (size === undefined) return undefined;
    if (size === 0) return new Uint8Array(parts.flatMap((part) => [...part]));
    const start = line + 2;
    if (start + size + 2 > bytes.length) return undefined;
    parts.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}

function chunkSize(line: Uint8Array): number | undefined {
  const digits = /^([0-9a-f]{1,6})\s*(;|$)/i.exec(new TextDecoder("latin1").decode(line))?.[1];
  return digits === undefined ? undefined : parseInt(digits, 16);
}

function parse(body: Uint8Array): FetchedDocument {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { ok: true, document: value as Readonly<Record<string, unknown>> };
    }
  } catch {
    // Not JSON, or not UTF-8: the same to whoever asked.
  }
  return { ok: false, reason: "it is no JSON object" };
}

function closeQuietly(connection: Deno.Conn | undefined): void {
  try {
    connection?.close();
  } catch {
    // Closed already.
  }
}
