import { LineFault } from "./line_end.ts";
import { MessageMeter } from "./message_meter.ts";

export interface GuardOptions {
  /** The only address that is asked. */
  readonly endpoint: URL;
  /** How connections are made; its own where an authority of the operator's is trusted. */
  readonly client: Deno.HttpClient | undefined;
  /** Set on every request, whatever else it carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of one message, unpacked. */
  readonly limit: number;
  /** Milliseconds to the beginning of an answer; to the end of one that is no stream. */
  readonly timeoutMs: number;
  /** Something to wait for before more is read. */
  readonly room: () => Promise<void> | undefined;
  /** Told of what ends the line, beside the request that fails with it. */
  readonly onFault: (fault: LineFault) => void;
}

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** `fetch` for one remote server: its address alone, no redirects, bounded in bytes and time. */
export function createGuardedFetch(options: GuardOptions): Fetch {
  const { endpoint, headers, timeoutMs, client } = options;
  return async (url, init = {}) => {
    if (new URL(url).href !== endpoint.href) {
      throw new LineFault("failed", "named another address than the configured one");
    }
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new LineFault("failed", `did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const done = (): void => clearTimeout(timer);
    const signal = init.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal;
    try {
      const asked = await fetch(endpoint, {
        ...init,
        headers: withHeaders(init.headers, headers),
        redirect: "manual",
        signal,
        ...client && { client },
      });
      return await guardAnswer(asked, options, done);
    } catch (error) {
      done();
      throw late.signal.aborted ? late.signal.reason : error;
    }
  };
}

function withHeaders(given: HeadersInit | undefined, ours: GuardOptions["headers"]): Headers {
  const headers = new Headers(given);
  for (const [name, value] of Object.entries(ours)) headers.set(name, value);
  return headers;
}

async function guardAnswer(
  response: Response,
  options: GuardOptions,
  done: () => void,
): Promise<Response> {
  const { status, statusText, headers, body } = response;
  if (status >= 300 && status < 400) {
    await body?.cancel();
    throw new LineFault("failed", "answered with a redirect, which is not followed");
  }
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  if (isStream || !body) done();
  if (!body) return response;
  const guarded = guardBody(body, options, isStream, done);
  return new Response(guarded, { status, statusText, headers });
}

/** Passes bytes on while there is room for them, and ends the line with a message that is too large. */
function guardBody(
  body: ReadableStream<Uint8Array>,
  { limit, room, onFault }: GuardOptions,
  isStream: boolean,
  done: () => void,
): ReadableStream<Uint8Array> {
  const meter = new MessageMeter(limit, isStream);
  const reader = body.getReader();
  const end = async (reason?: unknown): Promise<void> => {
    done();
    await reader.cancel(reason).catch(() => {});
  };
  return new ReadableStream({
    async pull(controller) {
      await room();
      try {
        const { value, done: isOver } = await reader.read();
        if (isOver) {
          done();
          return controller.close();
        }
        meter.count(value);
        controller.enqueue(value);
      } catch (error) {
        if (error instanceof LineFault) onFault(error);
        await end(error);
        controller.error(error);
      }
    },
    cancel: end,
  });
}
