import { messageOf } from "../kernel/errors.ts";
import type { Payload } from "./otlp.ts";

/** Where things go, and how. */
export interface CollectorOptions {
  /** Base address, without `/v1/…`. */
  readonly endpoint: string;
  readonly timeoutMs: number;
  /** Sent as the bearer token, where there is one. */
  readonly token: string | undefined;
  /** PEM of authorities that count beside the usual ones. */
  readonly ca: string | undefined;
}

/**
 * What became of a request: taken (but for `rejected` items of it), to be sent again (after `afterMs`, if it
 * said so), or never to be sent again as it is.
 */
export type Delivery =
  | { readonly kind: "taken"; readonly rejected: number; readonly reason: string | undefined }
  | { readonly kind: "later"; readonly reason: string; readonly afterMs: number | undefined }
  | { readonly kind: "refused"; readonly reason: string; readonly tooLarge: boolean };

export interface Collector {
  send(signal: "traces" | "metrics", payload: Payload, abort: AbortSignal): Promise<Delivery>;
  close(): void;
}

/** By OTLP's specification those may be sent again; every other failure may not. */
const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);
const MAX_ANSWER_BYTES = 64 * 1024;
const MOST_WAIT_MS = 5 * 60_000;

/** Opens the way to a collector; nothing is sent yet. */
export function openCollector(
  { endpoint, timeoutMs, token, ca }: CollectorOptions,
): Collector {
  const client = Deno.createHttpClient({ caCerts: ca === undefined ? [] : [ca] });
  const base = endpoint.replace(/\/+$/, "");
  return {
    async send(signal, { type, body }, abort) {
      try {
        const response = await fetch(`${base}/v1/${signal}`, {
          method: "POST",
          body,
          headers: {
            "content-type": type,
            ...token !== undefined && { authorization: `Bearer ${token}` },
          },
          client,
          // Data goes to the one address that was configured.
          redirect: "manual",
          signal: AbortSignal.any([abort, AbortSignal.timeout(timeoutMs)]),
        });
        return await readDelivery(response, type);
      } catch (error) {
        return { kind: "later", reason: messageOf(error), afterMs: undefined };
      }
    },
    close: () => client.close(),
  };
}

async function readDelivery(response: Response, type: string): Promise<Delivery> {
  const { status } = response;
  const answer = await readSome(response);
  if (status >= 200 && status < 300) {
    return { kind: "taken", ...type === "application/json" ? partialOf(answer) : NOTHING_REJECTED };
  }
  const reason = `it answered ${status}`;
  if (RETRYABLE.has(status)) {
    return { kind: "later", reason, afterMs: waitOf(response.headers.get("retry-after")) };
  }
  // A wrong token or address is the operator's to set right: nothing is lost meanwhile.
  if ([401, 403, 404, 405].includes(status) || status >= 300 && status < 400) {
    return { kind: "later", reason, afterMs: undefined };
  }
  return status >= 500
    ? { kind: "later", reason, afterMs: undefined }
    : { kind: "refused", reason, tooLarge: status === 413 };
}

const NOTHING_REJECTED = { rejected: 0, reason: undefined };

/** What a collector that answers in JSON says it left out. */
function partialOf(
  text: string,
): { readonly rejected: number; readonly reason: string | undefined } {
  try {
    const { partialSuccess = {} } = JSON.parse(text);
    const { rejectedSpans, rejectedDataPoints, errorMessage } = partialSuccess;
    const rejected = Number(rejectedSpans ?? rejectedDataPoints ?? 0);
    return {
      rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
      reason: typeof errorMessage === "string" ? errorMessage.slice(0, 200) : undefined,
    };
  } catch {
    return NOTHING_REJECTED;
  }
}

/** The beginning of an answer; a collector that goes on and on is not listened to. */
async function readSome(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    text += decoder.decode(chunk, { stream: true });
    if (bytes > MAX_ANSWER_BYTES) break;
  }
  return text;
}

function waitOf(header: string | null): number | undefined {
  if (header === null || !/^\d{1,6}$/.test(header.trim())) return undefined;
  return Math.min(Number(header) * 1000, MOST_WAIT_MS);
}
