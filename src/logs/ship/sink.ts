import type { LogEvent } from "./event.ts";

/** What a collector did not take, and will not take. */
export interface Refusal {
  /** Undefined when it only said how many. */
  readonly event: LogEvent | undefined;
  readonly count: number;
  readonly reason: string;
}

/** The way to one collector. */
export interface Sink {
  /**
   * Resolves when the collector has taken every event but the refused ones. Throws when it could not be
   * told so: then some may have arrived, and all are sent again.
   */
  send(events: readonly LogEvent[], signal: AbortSignal): Promise<readonly Refusal[]>;
  close(): void;
}

/** Where a collector's credential comes from; asked again after it was refused. */
export type FindSecret = () => Promise<string | undefined>;

/** A collector that cannot take events now. `waitMs`: as it said itself. */
export class SinkFailure extends Error {
  override readonly name = "SinkFailure";

  constructor(message: string, readonly waitMs?: number) {
    super(message);
  }
}

/** The collector refuses these events, or one among them. */
export class SinkRefusal extends Error {
  override readonly name = "SinkRefusal";
}
