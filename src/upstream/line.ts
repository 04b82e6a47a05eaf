import type { CallProof, LineCommand, LineEvent } from "../egress/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Redactor } from "../vault/mod.ts";
import { FloodGuard } from "./flood.ts";
import { type LineEnd, LineFault } from "./line_end.ts";
import type { Authorized } from "./line_gate.ts";
import { Requests } from "./requests.ts";
import type { Incoming, JsonRpcMessage, Transport } from "./transport.ts";

export interface LineOptions {
  readonly port: MessagePort;
  readonly transport: Transport;
  /** Takes out what was injected; undefined where nothing was. */
  readonly redactor: Redactor | undefined;
  readonly clock: Clock;
  readonly idleMs: number;
  /** Called once, with the first message of the upstream: it works. */
  readonly onHealthy: () => void;
  /** Asked about every message to the upstream, in their order; undefined where all may pass. */
  readonly authorize?: (
    message: JsonRpcMessage,
    proof: CallProof | undefined,
  ) => Promise<Authorized>;
}

/** Bytes that may be on their way to a gateway that has not worked them off. */
const WINDOW = 4 * 1024 * 1024;
/** Milliseconds from the first request to the first sign of life. */
const START_MS = 30_000;
/** Milliseconds for a child that was told to give up a request to say anything, while others wait for it. */
const HUNG_MS = 30_000;
/** JSON-RPC code of what may not pass, as the gateway has it for denials. */
const REFUSED = -32003;
/** Milliseconds for requests that were under way when a line is drained. */
const DRAIN_MS = 10_000;

/** The egress end of a line: between the port of a gateway and one process or session of an upstream. */
export class Line {
  readonly #options: LineOptions;
  readonly #requests = new Requests();
  readonly #flood: FloodGuard;
  readonly #ended = Promise.withResolvers<LineEnd | undefined>();
  #onWay = 0;
  /** Resolves once there is room again; undefined while there is. */
  #room: PromiseWithResolvers<void> | undefined;
  #usedAt: number;
  #askedAt: number | undefined;
  #isHealthy = false;
  /** When it was told to give up a request and has said nothing since. */
  #toldAt: number | undefined;
  #drainedBy: { readonly reason: string; readonly until: number } | undefined;
  /** Messages that are looked at before they pass: one after the other. */
  #asking: Promise<void> = Promise.resolve();

  constructor(options: LineOptions) {
    this.#options = options;
    this.#usedAt = options.clock.monotonic();
    this.#flood = new FloodGuard(this.#usedAt);
    options.port.addEventListener("message", ({ data }: MessageEvent<LineCommand>) => {
      this.#obey(data);
    });
    options.port.start();
  }

  get pid(): number | undefined {
    return this.#options.transport.pid;
  }

  get isHealthy(): boolean {
    return this.#isHealthy;
  }

  /**
   * Carries messages both ways until one side ends, tells the gateway, and ends the process. Answers how it
   * ended, at once; `undefined` when the gateway closed it. `gone` resolves once nothing of it is left.
   */
  async run(): Promise<{ readonly end: LineEnd | undefined; readonly gone: Promise<void> }> {
    const { port, transport } = this.#options;
    const end = this.#withoutValues(await Promise.race([this.#carry(), this.#ended.promise]));
    this.#makeRoom();
    if (end) port.postMessage({ kind: "closed", ...end } satisfies LineEvent);
    port.close();
    return { end, gone: transport.close(end?.code === "limit" || end?.code === "garbage") };
  }

  /** Ends the line now. */
  end(end: LineEnd | undefined): void {
    this.#ended.resolve(end);
  }

  /**
   * Ends the line once what is under way is answered, or after a while. Not before the next check: a request
   * may be on its way from the gateway.
   */
  drain(reason: string): void {
    this.#drainedBy ??= { reason, until: this.#options.clock.monotonic() + DRAIN_MS };
  }

  /** Ends the line when its time is up. Called now and then. */
  check(now: number): void {
    const { idleMs } = this.#options;
    if (this.#drainedBy && (this.#requests.open === 0 || now > this.#drainedBy.until)) {
      return this.end({ code: "drained", reason: this.#drainedBy.reason });
    }
    if (!this.#isHealthy && this.#askedAt !== undefined && now > this.#askedAt + START_MS) {
      const reason = `did not answer within ${START_MS / 1000} s of its start`;
      return this.end({ code: "failed", reason });
    }
    const isHung = this.#toldAt !== undefined && now > this.#toldAt + HUNG_MS;
    if (isHung && this.pid !== undefined && this.#requests.open > 0) {
      const reason = `hangs: it has said nothing for ${HUNG_MS / 1000} s since it was told to stop`;
      return this.end({ code: "failed", reason });
    }
    if (this.#requests.open === 0 && now > this.#usedAt + idleMs) {
      this.end({ code: "drained", reason: `lay idle for ${idleMs / 1000} s` });
    }
  }

  /** What a library says of a failure may quote what was injected. */
  #withoutValues(end: LineEnd | undefined): LineEnd | undefined {
    const { redactor } = this.#options;
    return end && redactor ? { ...end, reason: redactor.redactText(end.reason).value } : end;
  }

  async #carry(): Promise<LineEnd> {
    try {
      return await this.#options.transport.run((incoming) => this.#receive(incoming));
    } catch (error) {
      return endOf(error);
    }
  }

  #obey(command: LineCommand): void {
    if (command.kind === "close") return this.end(undefined);
    if (command.kind === "taken") return this.#noteTaken(command.bytes);
    // The gateway's own client made it.
    const message = command.message as JsonRpcMessage;
    if (!this.#options.authorize) return this.#pass(message, command.headers);
    this.#asking = this.#asking.then(() => this.#passAuthorized(message, command));
  }

  async #passAuthorized(
    message: JsonRpcMessage,
    { headers, proof }: Extract<LineCommand, { kind: "message" }>,
  ): Promise<void> {
    const answer = await this.#options.authorize?.(message, proof);
    if (answer?.ok) return this.#pass(answer.message, headers);
    const id = message?.id;
    if (typeof id !== "string" && typeof id !== "number") return;
    const error = { code: REFUSED, message: answer?.reason ?? "It was not authorized" };
    const refusal = { jsonrpc: "2.0", id, error };
    const event: LineEvent = { kind: "message", message: refusal, bytes: 0, redacted: [] };
    this.#options.port.postMessage(event);
  }

  #pass(message: JsonRpcMessage, headers: Readonly<Record<string, string>> | undefined): void {
    this.#usedAt = this.#options.clock.monotonic();
    this.#askedAt ??= this.#usedAt;
    this.#requests.noteSent(message);
    const cancelled = message.method === "notifications/cancelled" && message.params?.requestId;
    if (cancelled && this.#requests.noteCancelled(cancelled)) this.#toldAt ??= this.#usedAt;
    try {
      this.#options.transport.send(message, headers);
    } catch (error) {
      this.end(endOf(error));
    }
  }

  #receive({ message, bytes }: Incoming): Promise<void> | undefined {
    const now = this.#options.clock.monotonic();
    this.#usedAt = now;
    this.#toldAt = undefined;
    if (!this.#isHealthy) {
      this.#isHealthy = true;
      this.#options.onHealthy();
    }
    if (!this.#requests.noteReceived(message)) this.#flood.count(bytes, now);
    const { value, names } = this.#options.redactor?.redactJson(message) ??
      { value: message, names: [] };
    const event: LineEvent = { kind: "message", message: value, bytes, redacted: names };
    this.#options.port.postMessage(event);
    this.#onWay += bytes;
    if (this.#onWay < WINDOW) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  #noteTaken(bytes: number): void {
    this.#onWay -= bytes;
    if (this.#onWay < WINDOW) this.#makeRoom();
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

function endOf(error: unknown): LineEnd {
  if (error instanceof LineFault) return { code: error.code, reason: error.message };
  // A message too deep to be searched.
  if (error instanceof AppError && error.code === "invalid") {
    return { code: "garbage", reason: error.message };
  }
  return { code: "failed", reason: messageOf(error) };
}
