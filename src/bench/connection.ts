import { type Answer, type Frame, readAnswer, readFrame } from "./response.ts";

/** One keep-alive connection that sends a request and reads its answer, one at a time. */
export interface Connection {
  exchange(request: Uint8Array<ArrayBuffer>): Promise<Answer>;
  /** Milliseconds (`performance.now()`) since when an answer is awaited; undefined while none is. */
  readonly waitingSince: number | undefined;
  close(): void;
}

const FIRST_BYTES = 4096;
const MOST_BYTES = 1024 * 1024;

/** Opens a connection to a listener on this host. `understand`: what a response means, by default as hooks do. */
export async function openConnection(
  hostname: string,
  port: number,
  understand: (frame: Frame) => Answer = readAnswer,
): Promise<Connection> {
  const socket = await Deno.connect({ hostname, port });
  socket.setNoDelay(true);
  let buffer = new Uint8Array(FIRST_BYTES);
  let waitingSince: number | undefined;

  async function read(): Promise<Answer> {
    for (let filled = 0;;) {
      const count = await socket.read(buffer.subarray(filled));
      if (count === null) throw new Error("closed by the server");
      filled += count;
      const frame = readFrame(buffer.subarray(0, filled));
      if (frame) return understand(frame);
      if (filled === buffer.length) buffer = grown(buffer);
    }
  }

  return {
    get waitingSince() {
      return waitingSince;
    },
    async exchange(request) {
      waitingSince = performance.now();
      for (let sent = 0; sent < request.length;) {
        sent += await socket.write(sent === 0 ? request : request.subarray(sent));
      }
      const answer = await read();
      waitingSince = undefined;
      return answer;
    },
    close() {
      try {
        socket.close();
      } catch {
        // It is closed already.
      }
    },
  };
}

function grown(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  if (buffer.length >= MOST_BYTES) throw new Error("the answer is too long");
  const larger = new Uint8Array(buffer.length * 4);
  larger.set(buffer);
  return larger;
}
