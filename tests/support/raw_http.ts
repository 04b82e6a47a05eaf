/** Sends bytes as they are and gives everything that comes back until the peer is silent or closes. */
export async function sendRaw(
  port: number,
  parts: readonly (string | Uint8Array)[],
  options: { readonly quietMs?: number; readonly halfClose?: boolean } = {},
): Promise<string> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const encoder = new TextEncoder();
  try {
    for (const part of parts) {
      await writeAll(socket, typeof part === "string" ? encoder.encode(part) : part);
    }
    if (options.halfClose) await socket.closeWrite();
  } catch {
    // Refused while it was sent: what was answered counts.
  }
  const text = await readUntilQuiet(socket, options.quietMs ?? 700);
  try {
    socket.close();
  } catch {
    // The peer was faster.
  }
  return text;
}

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await socket.write(bytes.subarray(sent));
}

async function readUntilQuiet(socket: Deno.Conn, quietMs: number): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16_384);
  let text = "";
  for (;;) {
    const timer = Promise.withResolvers<null>();
    const id = setTimeout(() => timer.resolve(null), quietMs);
    const count = await Promise.race([socket.read(buffer).catch(() => null), timer.promise]);
    clearTimeout(id);
    if (count === null) return text;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}

/** Status of each response in `text`. */
export function statusesOf(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((match) => Number(match[1]));
}
