import type { Pool } from "../../db/mod.ts";
import { connectLine, type LineOpened, type LineRequest } from "../../egress/mod.ts";
import type { Governor, SecretScanner } from "../../governance/mod.ts";
import type { Log } from "../../kernel/log.ts";
import type { McpServerRules } from "../config.ts";
import { ToolBook } from "../tool_book.ts";
import { Asides } from "./asides.ts";
import { type BuiltinFactory, builtinWire } from "./builtin.ts";
import type { Core } from "./core.ts";
import { UpstreamPool } from "./pool.ts";
import { Rounds } from "./rounds.ts";
import { type McpRequest, serve, type Served } from "./serve.ts";
import { Sessions } from "./sessions.ts";
import { Sight } from "./sight.ts";
import { Slots } from "./slots.ts";
import type { OpenWire } from "./upstream.ts";

export interface McpGatewayOptions {
  /** Which of the gateways this is. */
  readonly index: number;
  /** The servers that run, as the configuration in force has them. */
  readonly servers: () => readonly McpServerRules[];
  readonly governor: Governor;
  readonly scanner: () => SecretScanner;
  readonly sql: Pool;
  readonly openLine: (request: LineRequest, port: MessagePort) => Promise<LineOpened>;
  readonly builtins?: Readonly<Record<string, BuiltinFactory>>;
  readonly log: Log;
}

/** The MCP side of a gateway: clients of both eras before it, servers of both eras behind it. */
export interface McpGateway {
  serve(request: McpRequest): Promise<Served>;
  find(server: string): McpServerRules | undefined;
  /** The servers that run. */
  list(): readonly McpServerRules[];
  /** What was approved may have changed, of one server or of any. */
  approvalsChanged(server?: string): void;
  /** The isolate that holds the upstreams was lost, and all of them with it. */
  upstreamsLost(): void;
  stats(): { readonly sessions: number; readonly upstreams: number };
  close(): Promise<void>;
}

/** Makes the MCP side of a gateway. Close it before the audit closes. */
export function createMcpGateway(options: McpGatewayOptions): McpGateway {
  const { index, governor, scanner, sql, log } = options;
  const servers = indexed(options.servers);
  const book = new ToolBook(sql, (definition) => scanner().redact(definition, "$").value);
  const sight = new Sight(book);
  const background = new Set<Promise<unknown>>();
  const slots = new Map<string, Slots>();
  const core: Core = {
    servers,
    governor,
    scanner,
    book,
    sight,
    asides: new Asides(),
    log,
    pool: new UpstreamPool(wireOf(options), (_, upstream) => sight.watch(upstream)),
    rounds: new Rounds(index),
    slotsOf(name) {
      let found = slots.get(name);
      if (!found) {
        found = new Slots(() => servers().get(name)?.concurrency ?? 1);
        slots.set(name, found);
      }
      return found;
    },
    background(work) {
      background.add(work);
      void work.catch(() => undefined).finally(() => background.delete(work));
    },
  };
  const sessions = new Sessions(core, index);
  return {
    serve: (request) => serve(core, sessions, index, request),
    find: (name) => servers().get(name),
    list: () => [...servers().values()],
    approvalsChanged(server) {
      book.invalidate();
      for (const name of server === undefined ? servers().keys() : [server]) {
        core.pool.toolsChanged(name);
      }
    },
    upstreamsLost: () => core.pool.lose("Egress was started again"),
    stats: () => ({ sessions: sessions.size, upstreams: core.pool.size }),
    async close() {
      await sessions.close();
      core.rounds.close();
      await core.pool.close();
      await Promise.allSettled(background);
    },
  };
}

/** The servers by name, made anew only when the configuration is another. */
function indexed(list: () => readonly McpServerRules[]): Core["servers"] {
  let of: readonly McpServerRules[] | undefined;
  let index: ReadonlyMap<string, McpServerRules> = new Map();
  return () => {
    const now = list();
    if (now !== of) index = new Map(now.map((server) => [server.name, server]));
    of = now;
    return index;
  };
}

/** How a server is reached: in this isolate where it is a part of it, else over a line of egress. */
function wireOf({ openLine, builtins = {} }: McpGatewayOptions) {
  return (
    server: McpServerRules,
    request: LineRequest,
    caller: McpRequest["caller"],
  ): OpenWire => {
    const make = server.builtin === undefined ? undefined : builtins[server.builtin];
    if (make) return builtinWire(make, caller);
    return async (listener) => {
      const { port1, port2 } = new MessageChannel();
      const line = connectLine(port1, listener);
      try {
        const { confinement } = await openLine(request, port2);
        return { line, confinement };
      } catch (error) {
        line.close();
        throw error;
      }
    };
  };
}
