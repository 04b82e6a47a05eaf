import { joinBytes } from "../../kernel/bytes.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { LogEvent } from "./event.ts";
import { type FindSecret, type Refusal, type Sink, SinkFailure, SinkRefusal } from "./sink.ts";
import { groups, sendSplitting } from "./split.ts";

/** One event as the collector wants it. */
export interface Piece {
  readonly event: LogEvent;
  readonly text: string;
}

export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is special about one kind of collector. */
export interface HttpForm {
  /** Events and characters in one request, at most. */
  readonly most: { readonly count: number; readonly characters: number };
  write(event: LogEvent): string;
  request(pieces: readonly Piece[], secret: string | undefined): HttpRequest;
  /** Reads the answer of a success; throws `SinkFailure` or `SinkRefusal` where it is none. */
  read(body: string, pieces: readonly Piece[]): readonly Refusal[];
}

export interface HttpOptions {
  /** Certificates (PEM) beside the usual ones. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  /** Undefined where the collector takes no credential. */
  readonly findSecret: FindSecret | undefined;
}

const MOST_ANSWER = 8 * 1024 * 1024;
const SHOWN = 300;

/** A collector behind HTTP. Follows no redirect: the address is the configured one, and so is who gets the credential. */
export function createHttpSink(form: HttpForm, options: HttpOptions): Sink {
  // Options that the runtime would take from the environment are said here: straight to the collector.
  const client = Deno.createHttpClient({
    poolMaxIdlePerHost: 2,
    ...options.ca !== undefined && { caCerts: [options.ca] },
  });
  let secret: string | undefined;

  async function post(
    pieces: readonly Piece[],
    signal: AbortSignal,
  ): Promise<readonly Refusal[]> {
    if (options.findSecret && secret === undefined) secret = await options.findSecret();
    if (options.findSecret && secret === undefined) {
      throw new SinkFailure("Its credential is not in the vault");
    }
    const { url, headers, body } = form.request(pieces, secret);
    const { status, text, retryAfter } = await fetchText(url, {
      method: "POST",
      headers,
      body,
      client,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]),
    });
    if (status >= 200 && status < 300) return form.read(text, pieces);
    if (status === 401 || status === 403) secret = undefined;
    const said = `HTTP ${status}: ${text.slice(0, SHOWN)}`;
    if (status === 400 || status === 413 || status === 422) throw new SinkRefusal(said);
    throw new SinkFailure(said, retryAfter);
  }

  return {
    async send(events, signal) {
      const refusals: Refusal[] = [];
      const pieces = events.map((event) => ({ event, text: form.write(event) }));
      for (const group of groups(pieces, form.most)) {
        const texts = new Map(group.map((piece) => [piece.event, piece]));
        const piecesOf = (part: readonly LogEvent[]) =>
          part.flatMap((each) => texts.get(each) ?? []);
        refusals.push(
          ...await sendSplitting(
            group.map(({ event }) => event),
            (part) => post(piecesOf(part), signal),
          ),
        );
      }
      return refusals;
    },
    close: () => client.close(),
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: number | undefined;
}

async function fetchText(
  url: string,
  init: RequestInit & { client: Deno.HttpClient },
): Promise<Answer> {
  try {
    const response = await fetch(url, init);
    const after = Number(response.headers.get("retry-after"));
    return {
      status: response.status,
      text: await readText(response),
      retryAfter: after > 0 && after <= 3600 ? after * 1000 : undefined,
    };
  } catch (error) {
    if (error instanceof SinkFailure) throw error;
    // The message of a failed fetch quotes the address, which may hold the credential.
    throw new SinkFailure(messageOf(error).replaceAll(url, new URL(url).origin));
  }
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MOST_ANSWER) throw new SinkFailure("Its answer is too long");
    chunks.push(chunk);
  }
  return new TextDecoder().decode(joinBytes(chunks, size));
}
