import { UriTemplate } from "@modelcontextprotocol/server";
import type { McpServerRules } from "../config.ts";
import type { ToolBook } from "../tool_book.ts";
import type { ToolDefinition } from "../tool_hash.ts";
import { type ClientProfile, paramsFor } from "./era.ts";
import { isObject, type Params, stringAt } from "./message.ts";
import type { Upstream } from "./upstream.ts";

/** What one upstream offers, as far as it was looked at. */
export interface ToolsSeen {
  readonly hashes: Map<string, string>;
  readonly definitions: Map<string, ToolDefinition>;
}

interface Offered {
  tools?: Promise<ToolsSeen>;
  resources?: Promise<ResourcesSeen>;
}

interface ResourcesSeen {
  readonly uris: ReadonlySet<string>;
  readonly templates: readonly UriTemplate[];
}

const NO_RESOURCES: ResourcesSeen = { uris: new Set(), templates: [] };

/** Pages that are read of one list, and items that are kept. */
const MAX_PAGES = 100;
const MAX_ITEMS = 10_000;
const LIST_MS = 30_000;

/** Looks at what upstreams offer, once for each until it says that this has changed. */
export class Sight {
  readonly #book: ToolBook;
  readonly #offered = new WeakMap<Upstream, Offered>();

  constructor(book: ToolBook) {
    this.#book = book;
  }

  /** Forgets what an upstream says has changed. */
  watch(upstream: Upstream): void {
    upstream.listen(({ method }) => {
      const offered = this.#offered.get(upstream);
      if (method === "notifications/tools/list_changed") delete offered?.tools;
      if (method === "notifications/resources/list_changed") delete offered?.resources;
    });
  }

  /** All tools of an upstream, compared with what was approved. */
  tools(server: McpServerRules, upstream: Upstream, client: ClientProfile): Promise<ToolsSeen> {
    const offered = this.#of(upstream);
    offered.tools ??= this.#readTools(server, upstream, client).catch((error) => {
      delete offered.tools;
      throw error;
    });
    return offered.tools;
  }

  /** Takes in a page that a client asked for: it is the newest that is known. */
  async note(
    server: McpServerRules,
    upstream: Upstream,
    client: ClientProfile,
    page: readonly ToolDefinition[],
  ): Promise<ToolsSeen> {
    const seen = await this.tools(server, upstream, client);
    const hashes = await this.#compare(server, upstream, page);
    for (const tool of page) {
      seen.hashes.set(tool.name, hashes.get(tool.name) ?? "");
      seen.definitions.set(tool.name, tool);
    }
    return seen;
  }

  /** Whether a server lists this very address or has a template for it. */
  async offers(
    upstream: Upstream,
    client: ClientProfile,
    uri: string,
    exactly: boolean,
  ): Promise<boolean> {
    const { uris, templates } = await this.#resources(upstream, client);
    return uris.has(uri) || (!exactly && templates.some((template) => template.match(uri)));
  }

  /** Whether a server has this very template. */
  async hasTemplate(upstream: Upstream, client: ClientProfile, template: string): Promise<boolean> {
    const { templates } = await this.#resources(upstream, client);
    return templates.some((each) => each.toString() === template);
  }

  async #resources(upstream: Upstream, client: ClientProfile): Promise<ResourcesSeen> {
    if (upstream.capabilities["resources"] === undefined) return NO_RESOURCES;
    const offered = this.#of(upstream);
    offered.resources ??= readResources(upstream, client).catch((error) => {
      delete offered.resources;
      throw error;
    });
    return await offered.resources;
  }

  async #readTools(
    server: McpServerRules,
    upstream: Upstream,
    client: ClientProfile,
  ): Promise<ToolsSeen> {
    const has = upstream.capabilities["tools"] !== undefined;
    const tools = has ? toolsOf(await readAll(upstream, client, "tools/list", "tools")) : [];
    const hashes = await this.#compare(server, upstream, tools);
    return {
      hashes: new Map(hashes),
      definitions: new Map(tools.map((tool) => [tool.name, tool])),
    };
  }

  async #compare(
    server: McpServerRules,
    upstream: Upstream,
    tools: readonly ToolDefinition[],
  ): Promise<ReadonlyMap<string, string>> {
    if (server.pinning === "off") return new Map();
    return await this.#book.see(server, identityOf(upstream), tools);
  }

  #of(upstream: Upstream): Offered {
    let offered = this.#offered.get(upstream);
    if (!offered) this.#offered.set(upstream, offered = {});
    return offered;
  }
}

/** The items that are tools: those with a name. */
export function toolsOf(items: readonly unknown[]): ToolDefinition[] {
  return items.filter((item): item is ToolDefinition =>
    stringAt(item, "name") !== undefined && isObject(item)
  );
}

function identityOf(upstream: Upstream): string {
  return stringAt(upstream.serverInfo, "name") ?? "";
}

async function readResources(upstream: Upstream, client: ClientProfile): Promise<ResourcesSeen> {
  const resources = await readAll(upstream, client, "resources/list", "resources");
  const templates = await readAll(
    upstream,
    client,
    "resources/templates/list",
    "resourceTemplates",
  ).catch(() => []);
  return {
    uris: new Set(resources.flatMap((resource) => stringAt(resource, "uri") ?? [])),
    templates: templates.flatMap((template) => {
      const text = stringAt(template, "uriTemplate");
      return text === undefined ? [] : templateOf(text);
    }),
  };
}

function templateOf(text: string): UriTemplate[] {
  try {
    return [new UriTemplate(text)];
  } catch {
    return [];
  }
}

async function readAll(
  upstream: Upstream,
  client: ClientProfile,
  method: string,
  member: string,
): Promise<unknown[]> {
  const items: unknown[] = [];
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES && items.length < MAX_ITEMS; page++) {
    const asked: Params = cursor === undefined ? {} : { cursor };
    const { reply } = await upstream.request({
      method,
      params: paramsFor(upstream.era, asked, client),
      signal: AbortSignal.timeout(LIST_MS),
    });
    if ("error" in reply) throw new Error(reply.error.message);
    const found = reply.result[member];
    if (Array.isArray(found)) items.push(...found);
    cursor = reply.result["nextCursor"];
    if (typeof cursor !== "string") break;
  }
  return items.slice(0, MAX_ITEMS);
}
