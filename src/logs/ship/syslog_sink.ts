import { joinBytes } from "../../kernel/bytes.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { LogEvent } from "./event.ts";
import { type Sink, SinkFailure } from "./sink.ts";
import { syslogMessage, type SyslogOptions } from "./syslog_message.ts";

export interface SyslogSinkOptions extends SyslogOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  /** Wait until the collector has read all and closed. */
  readonly confirm: boolean;
}

const encoder = new TextEncoder();

/**
 * A collector that speaks syslog over TCP or TLS, messages framed by their length (RFC 5425, RFC 6587). The
 * protocol has no acknowledgement: a batch has a connection of its own, which is ended, and counts when the
 * collector ends its side, which it does once it has read to the end. A collector that dies before that
 * resets the connection, and the batch is sent again.
 */
export function createSyslogSink(options: SyslogSinkOptions): Sink {
  return {
    async send(events, signal) {
      const late = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
      try {
        await sendBatch(events, options, late);
        return [];
      } catch (error) {
        if (late.aborted) throw new SinkFailure("It does not answer in time");
        throw new SinkFailure(messageOf(error));
      }
    },
    close() {},
  };
}

async function sendBatch(
  events: readonly LogEvent[],
  options: SyslogSinkOptions,
  signal: AbortSignal,
): Promise<void> {
  const connection = await connect(options, signal);
  // Ends whatever waits on it.
  const give = (): void => close(connection);
  signal.addEventListener("abort", give);
  try {
    const reading = readToEnd(connection);
    await writeAll(connection, framed(events, options));
    if (!options.confirm) return void reading.catch(() => undefined);
    await connection.closeWrite();
    await reading;
  } finally {
    signal.removeEventListener("abort", give);
    close(connection);
  }
}

/** `MSG-LEN SP SYSLOG-MSG`, one after the other. */
function framed(events: readonly LogEvent[], options: SyslogOptions): Uint8Array {
  const chunks = events.flatMap((event) => {
    const message = encoder.encode(syslogMessage(event, options));
    return [encoder.encode(`${message.length} `), message];
  });
  return joinBytes(chunks, chunks.reduce((size, { length }) => size + length, 0));
}

async function connect(
  { host, port, tls, ca }: SyslogSinkOptions,
  signal: AbortSignal,
): Promise<Deno.TcpConn | Deno.TlsConn> {
  const opening: Promise<Deno.TcpConn | Deno.TlsConn> = tls
    ? openTls(host, port, ca)
    : Deno.connect({ hostname: host, port });
  const gone = Promise.withResolvers<never>();
  const leave = (): void => gone.reject(new SinkFailure("It does not answer in time"));
  signal.addEventListener("abort", leave);
  try {
    return await Promise.race([opening, gone.promise]);
  } catch (error) {
    void opening.then(close, () => undefined);
    throw error;
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

async function openTls(
  hostname: string,
  port: number,
  ca: string | undefined,
): Promise<Deno.TlsConn> {
  const connection = await Deno.connectTls({
    hostname,
    port,
    ...ca !== undefined && { caCerts: [ca] },
  });
  try {
    await connection.handshake();
    return connection;
  } catch (error) {
    close(connection);
    throw error;
  }
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Collectors say nothing; what one says all the same is left unread beyond a little. */
async function readToEnd(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null);
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
