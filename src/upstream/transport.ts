import type { LineEnd } from "./line_end.ts";

/** A message that came from an upstream. */
export interface Incoming {
  readonly message: JsonRpcMessage;
  /** UTF-8 bytes on the wire. */
  readonly bytes: number;
}

/** What is looked at of a message. */
export interface JsonRpcMessage {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: {
    readonly requestId?: string | number;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
}

/** Takes a message; a promise asks to wait with the next one. */
export type Receive = (incoming: Incoming) => Promise<void> | undefined;

/** The way to one process or session of an upstream. */
export interface Transport {
  /** Process id of the child, where there is one. */
  readonly pid: number | undefined;
  /** Hands on what comes until nothing more can come. Throws `LineFault` for what must not come. */
  run(receive: Receive): Promise<LineEnd>;
  /** Sends a message, or queues it. Throws `LineFault` when too much is queued. */
  send(message: JsonRpcMessage, headers: Readonly<Record<string, string>> | undefined): void;
  /** Ends the process or session, its child at once or when it likes; resolves once nothing of it is left. */
  close(atOnce: boolean): Promise<void>;
}
