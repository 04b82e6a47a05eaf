import { canonicalJson } from "../../kernel/canonical_json.ts";
import { randomBytes, toHex } from "../../kernel/ids.ts";
import type { Exchange } from "./exchange.ts";
import { isObject, type Params, type Reply } from "./message.ts";
import type { Route } from "./route.ts";
import type { Answered, Ask } from "./upstream.ts";

/** A call of an upstream that lasts over several requests of its client, which answers in between. */
export interface LongCall {
  readonly answered: Promise<Answered>;
  /** Ends the call at its upstream. */
  readonly cancel: () => void;
  readonly questions: Questions;
}

/** What the upstream asks and the client has not answered yet. */
export class Questions {
  readonly #open = new Map<string, {
    readonly request: { readonly method: string; readonly params: Params };
    readonly resolve: (reply: Reply) => void;
  }>();
  #asked = Promise.withResolvers<void>();
  #count = 0;

  /** For the upstream: resolves with the client's answer. */
  readonly ask: Ask = (method, params, signal) => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const key = `question-${++this.#count}`;
    this.#open.set(key, { request: { method, params }, resolve });
    signal.addEventListener("abort", () => this.#open.delete(key), { once: true });
    this.#asked.resolve();
    return promise;
  };

  /** Resolves when something is asked; at once when something is open. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  /** The open questions, in the form of an `input_required` result. */
  get requests(): Params {
    return Object.fromEntries([...this.#open].map(([key, { request }]) => [key, request]));
  }

  /** Passes the client's answers on; what is not answered stays open. */
  answer(responses: unknown): void {
    for (const [key, response] of Object.entries(isObject(responses) ? responses : {})) {
      if (!isObject(response)) continue;
      this.#open.get(key)?.resolve({ result: response });
      this.#open.delete(key);
    }
    if (this.#open.size === 0) this.#asked = Promise.withResolvers<void>();
  }
}

interface Parked {
  readonly call: LongCall;
  readonly owner: string;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Milliseconds that a client has to come back with answers. */
const PARKED_MS = 10 * 60_000;
const MAX_PARKED = 1000;

/** Calls that wait for their client, by the state that it was given. The state says nothing but which. */
export class Rounds {
  readonly #parked = new Map<string, Parked>();
  readonly #prefix: string;

  /** `index`: of this gateway; states carry it, so that a request with one finds its way here. */
  constructor(index: number) {
    this.#prefix = `${index}.`;
  }

  /** Keeps a call until its client comes back; answers the state. */
  park(exchange: Exchange, route: Route, call: LongCall): string | undefined {
    if (this.#parked.size >= MAX_PARKED) return undefined;
    const state = this.#prefix + toHex(randomBytes(24));
    const timer = setTimeout(() => {
      this.#parked.delete(state);
      call.cancel();
    }, PARKED_MS);
    this.#parked.set(state, { call, owner: ownerOf(exchange, route), timer });
    return state;
  }

  /** The call that a state stands for, where it is this client's and asks for the same. Only once. */
  resume(exchange: Exchange, route: Route, state: string): LongCall | undefined {
    const parked = this.#parked.get(state);
    if (parked?.owner !== ownerOf(exchange, route)) return undefined;
    this.#parked.delete(state);
    clearTimeout(parked.timer);
    return parked.call;
  }

  close(): void {
    for (const { call, timer } of this.#parked.values()) {
      clearTimeout(timer);
      call.cancel();
    }
    this.#parked.clear();
  }
}

/** Who may come back with a state, and with what: nobody else, and nothing else. */
function ownerOf(
  { sessionKey, caller, request }: Exchange,
  { server, name, params }: Route,
): string {
  const { arguments: input = {} } = params;
  return canonicalJson([
    caller.userId,
    caller.sessionId,
    sessionKey,
    server.name,
    request.method,
    name,
    input,
  ]);
}
