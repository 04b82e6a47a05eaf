import type { CallProof, LineCommand, LineEvent } from "./protocol.ts";

/** The gateway's end of a line to an upstream. */
export interface Line {
  /**
   * Sends a JSON-RPC message; `headers` go with it to an HTTP upstream, `proof` to whom asks for one. After
   * `closed` it goes nowhere.
   */
  send(message: unknown, headers?: Readonly<Record<string, string>>, proof?: CallProof): void;
  /** Ends the line and with it the child. Nothing comes after it, no `closed` either. */
  close(): void;
}

/** Bytes of messages after which egress is told that they were worked off. */
const TAKEN_BYTES = 256 * 1024;

/**
 * Speaks the line protocol over `port`, whose other end went to `openLine`. `listener` gets every message
 * and at the end, once, `closed`. A listener that answers a promise slows the upstream down to its own pace.
 */
export function connectLine(
  port: MessagePort,
  listener: (event: LineEvent) => void | Promise<void>,
): Line {
  let taken = 0;
  let isOpen = true;
  const tell = (command: LineCommand): void => {
    if (isOpen) port.postMessage(command);
  };
  const end = (): void => {
    isOpen = false;
    port.close();
  };

  port.addEventListener("message", async ({ data }: MessageEvent<LineEvent>) => {
    if (!isOpen) return;
    if (data.kind === "closed") {
      end();
      return void await listener(data);
    }
    await listener(data);
    taken += data.bytes;
    if (taken < TAKEN_BYTES) return;
    tell({ kind: "taken", bytes: taken });
    taken = 0;
  });
  port.start();

  return {
    send: (message, headers, proof) =>
      tell({ kind: "message", message, ...headers && { headers }, ...proof && { proof } }),
    close() {
      tell({ kind: "close" });
      end();
    },
  };
}
