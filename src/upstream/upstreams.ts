import type {
  LineOpened,
  LineRequest,
  UpstreamLogLine,
  UpstreamMethods,
  UpstreamStatus,
} from "../egress/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { UpstreamSetup } from "./config.ts";
import type { ServerSetup } from "./connect.ts";
import { Server, type ServerContext } from "./server.ts";

const CHECK_MS = 1000;
/** How soon a line ends after the session that it was opened for, in milliseconds. */
const HOLDERS_MS = 500;

/** All upstream servers of this process. */
export class Upstreams {
  readonly #context: ServerContext;
  readonly #servers = new Map<string, Server>();
  /** Servers that are configured no more, until their lines have ended. */
  readonly #leaving = new Set<Server>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #holdersTimer: ReturnType<typeof setInterval>;
  #isAsking = false;

  constructor(setup: UpstreamSetup, context: ServerContext) {
    this.#context = context;
    this.configure(setup);
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#holdersTimer = setInterval(() => void this.#checkHolders(), HOLDERS_MS);
  }

  /** What a gateway may ask for; the lines that it opens are `owner`'s. */
  methods(owner: string): UpstreamMethods {
    return {
      openLine: (request, port) => this.#open(request, port, owner),
    };
  }

  /** Takes another configuration: lines of servers that changed or are gone are drained. */
  configure({ servers, launcher, plans }: UpstreamSetup): void {
    const planOf = new Map(plans.map((plan) => [plan.server, plan]));
    const setups = servers.map((config): ServerSetup => (
      { config, plan: planOf.get(config.name), launcher }
    ));
    for (const [name, server] of this.#servers) {
      if (servers.some((config) => config.name === name)) continue;
      this.#servers.delete(name);
      this.#leaving.add(server);
      server.drain("is configured no more");
    }
    for (const setup of setups) this.#put(setup);
  }

  /** Lets servers that were given one of these secrets be given it anew. */
  renewSecrets(names: readonly string[]): void {
    for (const server of this.#servers.values()) server.renewSecrets(names);
  }

  /** Ends the lines of an owner that is gone. */
  release(owner: string): void {
    for (const server of this.#all()) server.end((other) => other === owner, undefined);
  }

  status(): readonly UpstreamStatus[] {
    return [...this.#servers.values()].map((server) => server.status());
  }

  logs(server: string): readonly UpstreamLogLine[] {
    return this.#get(server).logs.list();
  }

  restart(server: string): number {
    return this.#get(server).restart();
  }

  /** Ends everything; resolves once no child is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    clearInterval(this.#holdersTimer);
    const end = { code: "unavailable", reason: "egress stops" } as const;
    for (const server of this.#all()) server.end(() => true, end);
    await Promise.all(this.#all().map((server) => server.settle()));
  }

  async #open(request: LineRequest, port: MessagePort, owner: string): Promise<LineOpened> {
    try {
      return await this.#get(request.server).open(request, port, owner);
    } catch (error) {
      port.close();
      throw error;
    }
  }

  #put(setup: ServerSetup): void {
    const { name } = setup.config;
    const known = this.#servers.get(name);
    if (known) known.configure(setup);
    else this.#servers.set(name, new Server(setup, this.#context));
  }

  #get(name: string): Server {
    const server = this.#servers.get(name);
    if (server) return server;
    throw new AppError("not_found", `There is no server "${name}"`);
  }

  #all(): Server[] {
    return [...this.#servers.values(), ...this.#leaving];
  }

  /** Ends the lines of sessions that have ended. Without a database nothing is known, and nothing ended by it. */
  async #checkHolders(): Promise<void> {
    const holders = this.#all().flatMap((server) => server.listHolders());
    if (this.#isAsking || holders.length === 0) return;
    this.#isAsking = true;
    try {
      const ended = await this.#context.gate.listEnded(holders);
      for (const server of this.#all()) server.endHeld(ended);
    } catch {
      // The next round asks again.
    }
    this.#isAsking = false;
  }

  #check(): void {
    const now = this.#context.clock.monotonic();
    for (const server of this.#all()) server.check(now);
    for (const server of this.#leaving) {
      if (server.status().lines === 0) this.#leaving.delete(server);
    }
  }
}
