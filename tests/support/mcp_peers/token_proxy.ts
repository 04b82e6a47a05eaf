import { createServer, request as open } from "node:http";
import type { AddressInfo } from "node:net";

export interface TokenProxyOptions {
  /** Where requests go: the whole URL of a server at the gateway. */
  readonly target: string;
  /** A token that is good now. */
  token(): Promise<string>;
}

export interface TokenProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Stands before the gateway for peers that cannot be given a token: adds one, and passes everything else on as it
 * came, also names of hosts and origins that are not its own.
 */
export async function startTokenProxy({ target, token }: TokenProxyOptions): Promise<TokenProxy> {
  const to = new URL(target);
  const server = createServer(async (request, response) => {
    const own = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const theirs = (text: string | undefined) => text?.replace(own, to.host);
    const headers = { ...request.headers };
    headers.host = theirs(headers.host);
    if (headers.origin !== undefined) headers.origin = theirs(headers.origin);
    headers.authorization ??= `Bearer ${await token()}`;
    const onward = open({
      host: to.hostname,
      port: to.port,
      path: to.pathname,
      method: request.method,
      headers,
    }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async stop() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
