import type { LineRequest } from "../../egress/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { canonicalJson } from "../../kernel/canonical_json.ts";
import { uuidV7 } from "../../kernel/ids.ts";
import type { Isolation, McpServerRules } from "../config.ts";
import { type ClientProfile, LEGACY_VERSIONS } from "./era.ts";
import type { Exchange, McpCaller } from "./exchange.ts";
import { objectAt } from "./message.ts";
import { digestOf } from "./session_id.ts";
import { type OpenWire, Upstream } from "./upstream.ts";

/** Opens the way to a server for a caller. */
export type OpenServer = (
  server: McpServerRules,
  request: LineRequest,
  caller: McpCaller,
) => OpenWire;

/** An upstream in use. */
export interface Hold {
  readonly upstream: Upstream;
  /** Says that this use is over: an upstream for one call ends with it. */
  release(): void;
}

/** What of an exchange decides which upstream is its own. */
export type Claimant = Pick<Exchange, "caller" | "client" | "sessionKey" | "token">;

/** Upstreams that one gateway holds open at once. */
const MAX_OPEN = 2000;

/** The open upstreams, each opened when it is first needed and forgotten when it has ended. */
export class UpstreamPool {
  readonly #open: OpenServer;
  readonly #upstreams = new Map<string, Promise<Upstream>>();
  readonly #opened = new Map<string, Set<Upstream>>();
  readonly #onOpen: (server: McpServerRules, upstream: Upstream) => void;

  constructor(
    open: OpenServer,
    onOpen: (server: McpServerRules, upstream: Upstream) => void = () => {},
  ) {
    this.#open = open;
    this.#onOpen = onOpen;
  }

  get size(): number {
    return this.#upstreams.size;
  }

  /** Whether an upstream is open that this claimant's calls would go to. */
  isOpen(server: McpServerRules, claimant: Claimant): boolean {
    return isolationOf(server, claimant) !== "call" &&
      this.#upstreams.has(slotOf(server, claimant));
  }

  /** The upstream for this claimant, opened when there is none. */
  async get(server: McpServerRules, claimant: Claimant): Promise<Hold> {
    if (isolationOf(server, claimant) === "call") {
      const upstream = await this.#start(server, claimant, `call-${uuidV7()}`);
      return { upstream, release: () => upstream.close() };
    }
    const slot = slotOf(server, claimant);
    const upstream = await this.#kept(slot, server, claimant);
    if (upstream.suits(claimant.client)) return { upstream, release: () => {} };
    // Before revision 2026-07-28 a server is told once what its client can do.
    const other = `${slot}\n${digestOf([canonicalJson(claimant.client.capabilities)])}`;
    return { upstream: await this.#kept(other, server, claimant), release: () => {} };
  }

  /** The upstreams of a session that are open now, without waiting for those that are being opened. */
  openOf(sessionKey: string): readonly Upstream[] {
    return [...this.#opened.get(sessionKey) ?? []];
  }

  /** The open upstreams of a session. */
  async ofSession(sessionKey: string): Promise<Upstream[]> {
    const mine = [...this.#upstreams].filter(([slot]) => ownerOf(slot) === sessionKey);
    const opened = await Promise.allSettled(mine.map(([, opening]) => opening));
    return opened.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
  }

  /** Ends what belongs to a session alone. */
  async closeSession(sessionKey: string): Promise<void> {
    for (const upstream of await this.ofSession(sessionKey)) upstream.close();
  }

  /** Tells whoever listens to a server that its tools may be others now, where it said that it would. */
  toolsChanged(server: string): void {
    for (const [slot, opening] of this.#upstreams) {
      if (!slot.startsWith(`${server}\n`)) continue;
      void opening.then((upstream) => {
        const { listChanged } = objectAt(upstream.capabilities, "tools");
        if (listChanged === true) upstream.announce("notifications/tools/list_changed");
      }, () => undefined);
    }
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#upstreams.values());
    for (const each of opened) if (each.status === "fulfilled") each.value.close();
  }

  /** Forgets every upstream: the isolate that they led through is gone. */
  lose(reason: string): void {
    for (const opening of this.#upstreams.values()) {
      void opening.then((upstream) => upstream.lose(reason), () => undefined);
    }
    this.#upstreams.clear();
  }

  #kept(slot: string, server: McpServerRules, claimant: Claimant): Promise<Upstream> {
    const known = this.#upstreams.get(slot);
    if (known) return known;
    if (this.#upstreams.size >= MAX_OPEN) {
      return Promise.reject(new AppError("unavailable", "Too many upstreams are open"));
    }
    const opening = this.#start(server, claimant, keyOf(server, claimant));
    this.#upstreams.set(slot, opening);
    this.#forgetAfter(slot, opening);
    return opening;
  }

  /** Keeps an upstream in sight while it is open. */
  #forgetAfter(slot: string, opening: Promise<Upstream>): void {
    const key = ownerOf(slot);
    const forget = (): void => {
      if (this.#upstreams.get(slot) === opening) this.#upstreams.delete(slot);
    };
    opening.then((upstream) => {
      const mine = this.#opened.get(key) ?? new Set();
      this.#opened.set(key, mine.add(upstream));
      void upstream.closed.then(() => {
        mine.delete(upstream);
        if (mine.size === 0) this.#opened.delete(key);
        forget();
      });
    }, forget);
  }

  async #start(server: McpServerRules, claimant: Claimant, key: string): Promise<Upstream> {
    const { caller, token } = claimant;
    const isShared = server.isolation === "shared";
    const request: LineRequest = { server: server.name, key, token };
    const client = isShared ? anyClient(claimant.client) : claimant.client;
    const wire = this.#open(server, request, caller);
    const upstream = await Upstream.open(wire, client, isShared).catch(async (error) => {
      if (client.era === "legacy") throw error;
      // Some servers end when they are asked what they do not know, before they were greeted.
      const older = { ...client, era: "legacy", version: LEGACY_VERSIONS[0] } as const;
      return await Upstream.open(wire, older, isShared).catch(() => {
        throw error;
      });
    });
    this.#onOpen(server, upstream);
    return upstream;
  }
}

/** Whom many share cannot be asked anything: it has no capabilities. */
function anyClient(client: ClientProfile): ClientProfile {
  return { ...client, info: {}, capabilities: {} };
}

/** Strangers have nothing in common: where a client has no session, each of their calls is alone. */
function isolationOf(server: McpServerRules, { caller, client }: Claimant): Isolation {
  const isStranger = caller.sessionId === "none" && client.era === "modern";
  return server.isolation === "session" && isStranger ? "call" : server.isolation;
}

function keyOf(server: McpServerRules, { client, sessionKey }: Claimant): string {
  return server.isolation === "shared" ? `shared-${client.era}` : sessionKey;
}

function slotOf(server: McpServerRules, claimant: Claimant): string {
  return `${server.name}\n${keyOf(server, claimant)}`;
}

/** The session that a slot is of, or what many share. */
function ownerOf(slot: string): string {
  return slot.split("\n")[1] ?? "";
}

/** Works with the upstream for a claimant and lets go of it. */
export async function withUpstream<T>(
  pool: UpstreamPool,
  server: McpServerRules,
  claimant: Claimant,
  work: (upstream: Upstream) => Promise<T>,
): Promise<T> {
  const { upstream, release } = await pool.get(server, claimant);
  try {
    return await work(upstream);
  } finally {
    release();
  }
}
