import type { Confinement, LineOpened, LineRequest, UpstreamStatus } from "../egress/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Vault } from "../vault/mod.ts";
import { Backoff } from "./backoff.ts";
import { type Connected, connectUpstream, type Opening, type ServerSetup } from "./connect.ts";
import { Line } from "./line.ts";
import type { LineEnd } from "./line_end.ts";
import { type LineGate, type LineHolder, NOBODY } from "./line_gate.ts";
import { LogRing } from "./log_ring.ts";

/** What all servers share. */
export interface ServerContext {
  readonly vault: Vault;
  readonly gate: LineGate;
  readonly clock: Clock;
  readonly log: Log;
}

interface Held {
  readonly holder: LineHolder;
}

/** Lines that one server may have at once. */
const MAX_LINES = 200;

interface OpenLine {
  readonly line: Line;
  /** The gateway that it was opened for. */
  readonly owner: string;
  readonly holder: LineHolder;
}

/** One configured server: its lines, what its children say, and how it fails. */
export class Server {
  readonly #context: ServerContext;
  readonly #lines = new Set<OpenLine>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #logs = new LogRing();
  readonly #backoff = new Backoff();
  #setup: ServerSetup;
  #opening = 0;
  /** How often its lines were drained: one that was being opened meanwhile is out of date too. */
  #drains = 0;
  #drainedBecause = "";
  #starts = 0;
  #failures = 0;
  #lastFailure: UpstreamStatus["lastFailure"];

  constructor(setup: ServerSetup, context: ServerContext) {
    this.#setup = setup;
    this.#context = context;
  }

  get name(): string {
    return this.#setup.config.name;
  }

  get logs(): LogRing {
    return this.#logs;
  }

  /** Opens lines by `setup` from now on; those that are open are drained where it differs. */
  configure(setup: ServerSetup): void {
    const isSame = JSON.stringify(setup) === JSON.stringify(this.#setup);
    this.#setup = setup;
    if (isSame) return;
    this.#backoff.clear();
    this.drain("its configuration changed");
  }

  /** Opens a line for `owner`, the gateway that asks. */
  async open(request: LineRequest, port: MessagePort, owner: string): Promise<LineOpened> {
    const { plan } = this.#setup;
    if (plan?.problem !== undefined) throw new AppError("invalid", plan.problem);
    if (this.#lines.size + this.#opening >= MAX_LINES) {
      throw new AppError("unavailable", `Server "${this.name}" has ${MAX_LINES} lines already`);
    }
    this.#opening++;
    try {
      const admitted = await this.#context.gate.admit(this.name, request.token);
      const holder = this.#setup.config.isolation === "shared" ? NOBODY : admitted;
      this.#refuseEarly(this.#failuresOf(holder));
      await this.#start({ key: request.key, holder }, port, owner);
      return { confinement: this.#confinement() };
    } finally {
      this.#opening--;
    }
  }

  /** Hands out the values of these secrets anew, if it has any of them. */
  renewSecrets(names: readonly string[]): void {
    if (!secretsOf(this.#setup).some((name) => names.includes(name))) return;
    this.#backoff.clear();
    this.drain("a secret of it changed");
  }

  /** Ends all lines once what is under way is answered. */
  drain(reason: string): void {
    this.#drains++;
    this.#drainedBecause = reason;
    for (const { line } of this.#lines) line.drain(reason);
  }

  /** Ends all lines now and forgets failures; answers how many there were. */
  restart(): number {
    const lines = [...this.#lines];
    this.#backoff.clear();
    this.end(() => true, { code: "drained", reason: "was restarted" });
    return lines.length;
  }

  /** Ends the lines of some owners now. */
  end(which: (owner: string) => boolean, end: LineEnd | undefined): void {
    for (const { line, owner } of this.#lines) if (which(owner)) line.end(end);
  }

  /** Those whose lines end with their session. */
  listHolders(): LineHolder[] {
    return [...this.#lines].map(({ holder }) => holder)
      .filter(({ sessionId }) => sessionId !== undefined);
  }

  /** Ends the lines of these holders now. */
  endHeld(holders: readonly LineHolder[]): void {
    const reason = "was opened for a session that has ended";
    for (const { line, holder } of this.#lines) {
      if (holders.includes(holder)) line.end({ code: "drained", reason });
    }
  }

  /** Ends lines whose time is up. */
  check(now: number): void {
    for (const { line } of this.#lines) line.check(now);
  }

  /** Resolves once nothing is left of the lines that ended so far. */
  async settle(): Promise<void> {
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
  }

  status(): UpstreamStatus {
    const { config, plan } = this.#setup;
    const retryAt = this.#backoff.retryAt(this.#context.clock.now());
    return {
      server: config.name,
      transport: config.transport,
      state: this.#state(plan, retryAt),
      confinement: this.#confinement(),
      lines: this.#lines.size,
      pids: [...this.#lines].flatMap(({ line }) => line.pid ?? []),
      starts: this.#starts,
      failures: this.#failures,
      ...retryAt !== undefined && { retryAt },
      ...this.#lastFailure && { lastFailure: this.#lastFailure },
    };
  }

  #state(plan: ServerSetup["plan"], retryAt: number | undefined): UpstreamStatus["state"] {
    if (plan?.problem !== undefined) return "unstartable";
    if (this.#lines.size > 0) return "running";
    return retryAt === undefined ? "idle" : "waiting";
  }

  #confinement(): Confinement {
    return this.#setup.plan?.confinement ?? "remote";
  }

  /** Whose failures count together: with secrets, a wrong one of one user must not bar the others. */
  #failuresOf({ userId }: LineHolder): string {
    return secretsOf(this.#setup).length > 0 ? userId : "";
  }

  #refuseEarly(holder: string): void {
    const wait = this.#backoff.waitFor(holder, this.#context.clock.now());
    if (wait === 0) return;
    const { reason } = this.#lastFailure ?? { reason: "failed" };
    throw new AppError(
      "unavailable",
      `Server "${this.name}" is not started again for ${Math.ceil(wait / 1000)} s: it ${reason}`,
    );
  }

  async #start(opening: Opening & Held, port: MessagePort, owner: string): Promise<void> {
    const drains = this.#drains;
    const failures = this.#failuresOf(opening.holder);
    const { transport, redactor } = await this.#connect(opening, failures);
    const { config } = this.#setup;
    const needsDecision = config.transport === "stdio" && config.needsDecision === true;
    const line = new Line({
      port,
      transport,
      redactor,
      clock: this.#context.clock,
      idleMs: config.idle_ms,
      onHealthy: () => this.#backoff.succeed(failures),
      ...needsDecision && {
        authorize: (message, proof) => this.#context.gate.authorize(this.name, message, proof),
      },
    });
    const open = { line, owner, holder: opening.holder };
    this.#lines.add(open);
    const leaving = this.#follow(open, opening.key, failures).finally(() => redactor?.wipe());
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
    if (drains !== this.#drains) line.drain(this.#drainedBecause);
  }

  async #connect(opening: Opening, holder: string): Promise<Connected> {
    const { vault, clock } = this.#context;
    try {
      const connected = await connectUpstream(this.#setup, opening, {
        vault,
        clock,
        logs: this.#logs,
      });
      this.#starts++;
      return connected;
    } catch (error) {
      if (error instanceof AppError) throw error;
      const reason = `cannot be started: ${messageOf(error)}`;
      this.#noteFailure({ code: "failed", reason }, holder, false);
      throw new AppError("unavailable", `Server "${this.name}" ${reason}`, { cause: error });
    }
  }

  async #follow(open: OpenLine, key: string, holder: string): Promise<void> {
    const { end, gone } = await open.line.run();
    this.#lines.delete(open);
    if (end && end.code !== "drained" && end.code !== "unavailable") {
      this.#noteFailure(end, holder, open.line.isHealthy);
      this.#context.log.warn("A line to a server failed", { server: this.name, key, ...end });
    }
    await gone;
  }

  #noteFailure({ code, reason }: LineEnd, holder: string, wasHealthy: boolean): void {
    const now = this.#context.clock.now();
    this.#failures++;
    this.#lastFailure = { at: now, code, reason };
    // One that had worked before may be started at once: that a call can end it must not bar other calls.
    if (!wasHealthy) this.#backoff.fail(holder, now, this.#setup.config.max_restarts);
  }
}

/** Names in the vault of what a server is given. */
function secretsOf({ config }: ServerSetup): readonly string[] {
  return config.transport === "stdio"
    ? Object.values(config.secrets)
    : Object.values(config.secret_headers).map(({ secret }) => secret);
}
