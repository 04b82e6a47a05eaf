import type { McpServerRules } from "../config.ts";
import type { Core } from "./core.ts";
import type { ClientProfile } from "./era.ts";
import { callerOf, type Exchange } from "./exchange.ts";
import { mayCall, visibleServers } from "./lists.ts";
import {
  CODES,
  errorReply,
  type Params,
  type Reply,
  type RpcNotification,
  stringAt,
} from "./message.ts";
import { uriProblem } from "./resource_uri.ts";
import { ALL } from "./route.ts";
import type { Upstream } from "./upstream.ts";
import { unwatchResource, watchLists, watchResource } from "./watch.ts";

/** What is passed on to clients of what servers say by themselves. */
const PASSED: ReadonlySet<string> = new Set([
  "notifications/tools/list_changed",
  "notifications/prompts/list_changed",
  "notifications/resources/list_changed",
  "notifications/resources/updated",
  "notifications/message",
  "notifications/tasks/status",
  "notifications/tasks",
  "notifications/elicitation/complete",
]);

/** Resources that one client may watch. */
const MAX_URIS = 1000;

/** What one client, or one of its streams, wants to be told, and the upstreams that tell it. */
export class Subscriptions {
  readonly #core: Core;
  readonly #tell: (notification: RpcNotification) => void;
  readonly #uris = new Map<string, { readonly upstream: Upstream; readonly exchange: Exchange }>();
  readonly #ends = new Map<Upstream, () => void>();

  constructor(core: Core, tell: (notification: RpcNotification) => void) {
    this.#core = core;
    this.#tell = tell;
  }

  /** Hears the servers from now on, as far as each can be opened and is not made for one call alone. */
  async watchLists(exchange: Exchange, servers: readonly McpServerRules[]): Promise<void> {
    await Promise.all(
      servers.filter(({ isolation }) => isolation !== "call").map(async (server) => {
        const hold = await this.#core.pool.get(server, exchange).catch(() => undefined);
        if (hold) this.hear(hold.upstream, exchange.client);
      }),
    );
  }

  /** Watches a resource that the caller may read. */
  async add(exchange: Exchange, uri: string): Promise<Reply> {
    if (this.#uris.has(uri)) return { result: {} };
    if (this.#uris.size >= MAX_URIS) {
      return errorReply(CODES.unavailable, "Too many resources are watched");
    }
    const upstream = await this.#upstreamOf(exchange, uri);
    if (!upstream) return errorReply(CODES.invalidParams, "There is no such resource to watch");
    const reply = await watchResource(upstream, exchange.client, uri);
    if ("error" in reply) return reply;
    this.hear(upstream, exchange.client);
    this.#uris.set(uri, { upstream, exchange });
    return { result: {} };
  }

  async remove(exchange: Exchange, uri: string): Promise<Reply> {
    const watched = this.#uris.get(uri);
    this.#uris.delete(uri);
    if (!watched) return { result: {} };
    return await unwatchResource(watched.upstream, exchange.client, uri);
  }

  close(): void {
    for (const [uri, { upstream, exchange }] of this.#uris) {
      void unwatchResource(upstream, exchange.client, uri).catch(() => undefined);
    }
    this.#uris.clear();
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }

  /** Passes on what an upstream says by itself. */
  hear(upstream: Upstream, client: ClientProfile): void {
    if (this.#ends.has(upstream) || !upstream.isOpen) return;
    const unlisten = upstream.listen((notification) => {
      if (!PASSED.has(notification.method) || !this.#wants(upstream, notification.params)) return;
      const { _meta: _, ...params } = notification.params ?? {};
      this.#tell({ ...notification, params });
    });
    const unwatch = watchLists(upstream, client);
    const end = (): void => {
      unlisten();
      unwatch();
    };
    this.#ends.set(upstream, end);
    void upstream.closed.then(() => this.#ends.delete(upstream));
  }

  /** Of resources only those that this client watches: others may watch more at the same upstream. */
  #wants(upstream: Upstream, params: Params | undefined): boolean {
    const uri = stringAt(params, "uri");
    return uri === undefined || this.#uris.get(uri)?.upstream === upstream;
  }

  async #upstreamOf(exchange: Exchange, uri: string): Promise<Upstream | undefined> {
    const problem = uriProblem(uri);
    if (problem === "malformed") return undefined;
    for (const server of visibleServers(this.#core, exchange)) {
      if (server.isolation === "call") continue;
      if (!mayCall(this.#core, exchange, server, "resource", uri)) continue;
      if (this.#holdsSecret(exchange, server, uri)) continue;
      const hold = await this.#core.pool.get(server, exchange).catch(() => undefined);
      if (!hold) continue;
      if (exchange.endpoint !== ALL && problem === undefined) return hold.upstream;
      const exactly = problem === "traversal";
      if (await this.#core.sight.offers(hold.upstream, exchange.client, uri, exactly)) {
        return hold.upstream;
      }
    }
    return undefined;
  }

  #holdsSecret(exchange: Exchange, server: McpServerRules, uri: string): boolean {
    const { denial } = this.#core.governor.dryRun(callerOf(exchange), {
      surface: "mcp",
      event: exchange.request.method,
      target: `mcp:${server.name}`,
      tool: "",
      input: { uri },
      inputPath: "$.params",
      agent: undefined,
      plugin: undefined,
      context: {},
    });
    return denial?.policy === "secret_detection";
  }
}
