import type { Environment } from "../http/mod.ts";
import { connect, type Remote, serve } from "../kernel/rpc.ts";

/** A request that was taken by one gateway and belongs to another. */
interface HandedOver {
  /** The name of the server that was addressed, or `all`. */
  readonly endpoint: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  /** The parsed body. */
  readonly body: unknown;
  readonly address: string;
}

/** The answer to it, over a port of its own: the body is moved, not copied. */
interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: ReadableStream<Uint8Array> | null;
}

interface PeerApi {
  take(request: HandedOver, port: MessagePort): void;
}

export type Serve = (
  endpoint: string,
  request: Request,
  body: unknown,
  env: Environment["Bindings"],
) => Promise<Response>;

/** The other gateways of this service. What a session or a kept call belongs to is handed over to them. */
export interface Peers {
  /** Speaks to the gateway of this index over `port`, in both directions, in the place of any before. */
  add(index: number, port: MessagePort): void;
  handOver(
    index: number,
    endpoint: string,
    request: Request,
    body: unknown,
    env: Environment["Bindings"],
  ): Promise<Response | undefined>;
  close(): void;
}

/** Makes the peers of a gateway; `answer` serves what they hand over. */
export function createPeers(answer: Serve): Peers {
  const peers = new Map<number, { readonly remote: Remote<PeerApi>; readonly port: MessagePort }>();
  return {
    add(index, port) {
      peers.get(index)?.port.close();
      serve<PeerApi>(port, { take: (request, answers) => void take(answer, request, answers) });
      port.start();
      peers.set(index, { remote: connect<PeerApi>(port).remote, port });
    },
    async handOver(index, endpoint, request, body, env) {
      const peer = peers.get(index);
      if (!peer) return undefined;
      const { port1, port2 } = new MessageChannel();
      const { promise, resolve } = Promise.withResolvers<Answer>();
      port1.onmessage = ({ data }) => resolve(data);
      env.onGone(() => port1.postMessage("gone"));
      void peer.remote.take({
        endpoint,
        method: request.method,
        url: request.url,
        headers: [...request.headers],
        body,
        address: env.address,
      }, port2).catch(() => resolve(GONE));
      const { status, headers, body: stream } = await promise;
      return new Response(stream, {
        status,
        headers: headers.map(([name, value]) => [name, value]),
      });
    },
    close() {
      for (const { port } of peers.values()) port.close();
      peers.clear();
    },
  };
}

const GONE: Answer = { status: 503, headers: [["retry-after", "1"]], body: null };

async function take(
  answer: Serve,
  { endpoint, method, url, headers, body, address }: HandedOver,
  port: MessagePort,
): Promise<void> {
  const gone: (() => void)[] = [];
  port.onmessage = () => gone.forEach((callback) => callback());
  // The body is handed on parsed; the request is for its method and header fields.
  const request = new Request(url, {
    method,
    headers: headers.map(([name, value]) => [name, value]),
  });
  const env = { address, onGone: (callback: () => void) => void gone.push(callback) };
  const response = await answer(endpoint, request, body, env).catch(() =>
    new Response(null, { status: 500 })
  );
  const stream = response.body;
  const message: Answer = { status: response.status, headers: [...response.headers], body: stream };
  port.postMessage(message, stream ? [stream as unknown as Transferable] : []);
}
