import type { Core } from "./core.ts";
import type { McpCaller } from "./exchange.ts";
import { LegacySession } from "./session.ts";
import { digestOf, newSessionId } from "./session_id.ts";

/** Sessions that one gateway holds, those that one client of a user holds, and milliseconds that one may idle. */
const MAX_SESSIONS = 10_000;
const MAX_PER_CALLER = 100;
const IDLE_MS = 30 * 60_000;
const SWEEP_MS = 30_000;

interface Held {
  readonly session: LegacySession;
  readonly owner: string;
}

/**
 * The sessions of clients of the revisions before 2026-07-28. An id is worth nothing by itself: only the
 * user and client that opened it, at the server that it was opened at, find it.
 */
export class Sessions {
  readonly #core: Core;
  readonly #gateway: number;
  readonly #held = new Map<string, Held>();
  readonly #sweep: ReturnType<typeof setInterval>;

  constructor(core: Core, gateway: number) {
    this.#core = core;
    this.#gateway = gateway;
    this.#sweep = setInterval(() => this.#endIdle(), SWEEP_MS);
  }

  get size(): number {
    return this.#held.size;
  }

  /** A new session; undefined when there are too many. */
  open(endpoint: string, caller: McpCaller): LegacySession | undefined {
    const owner = ownerOf(endpoint, caller);
    if (this.#held.size >= MAX_SESSIONS) this.#endIdle();
    const own = [...this.#held.values()].filter((held) => held.owner === owner);
    if (own.length >= MAX_PER_CALLER) void oldestIdle(own)?.close();
    if (this.#held.size >= MAX_SESSIONS) return undefined;
    const id = newSessionId(this.#gateway);
    const session = new LegacySession(this.#core, {
      id,
      key: digestOf([id]),
      endpoint,
      onClose: () => void this.#held.delete(id),
    });
    this.#held.set(id, { session, owner });
    return session;
  }

  /** The session of this id, where it is the caller's own. */
  find(id: string, endpoint: string, caller: McpCaller): LegacySession | undefined {
    const held = this.#held.get(id);
    return held?.owner === ownerOf(endpoint, caller) ? held.session : undefined;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#held.values()].map(({ session }) => session.close()));
  }

  #endIdle(): void {
    const before = performance.now() - IDLE_MS;
    for (const { session } of this.#held.values()) {
      if (session.lastUsed < before && !session.isBusy) void session.close();
    }
  }
}

function oldestIdle(held: readonly Held[]): LegacySession | undefined {
  const idle = held.map(({ session }) => session).filter(({ isBusy }) => !isBusy);
  return idle.sort((a, b) => a.lastUsed - b.lastUsed)[0];
}

/** Not the token's session: whoever is given more scopes comes back with another one. */
function ownerOf(endpoint: string, { userId, clientId, agent }: McpCaller): string {
  return JSON.stringify([userId, clientId, agent, endpoint]);
}
