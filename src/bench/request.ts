/** Stands in a body where the request's own number goes: ten digits. */
export const SERIAL = "0000000000";

export interface RequestSpec {
  readonly host: string;
  readonly path: string;
  readonly token?: string;
  /** JSON text; every `SERIAL` in it becomes the number of the request. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that was written out once; sending another one of it changes a few digits. */
export interface RequestTemplate {
  /** The bytes of the request number `serial`; the same array each time. */
  at(serial: number): Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();

/** Writes an HTTP/1.1 POST out. The connection stays open. */
export function createTemplate(spec: RequestSpec): RequestTemplate {
  const body = encoder.encode(spec.body);
  const lines = [
    `POST ${spec.path} HTTP/1.1`,
    `host: ${spec.host}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    ...spec.token === undefined ? [] : [`authorization: Bearer ${spec.token}`],
    ...Object.entries(spec.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  const head = encoder.encode(`${lines.join("\r\n")}\r\n\r\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  const slots = findSlots(body).map((at) => at + head.length);
  return {
    at(serial) {
      for (const slot of slots) writeDigits(bytes, slot, serial);
      return bytes;
    },
  };
}

function findSlots(body: Uint8Array): number[] {
  const slots: number[] = [];
  let zeros = 0;
  body.forEach((byte, at) => {
    zeros = byte === 0x30 ? zeros + 1 : 0;
    if (zeros < SERIAL.length) return;
    slots.push(at - SERIAL.length + 1);
    zeros = 0;
  });
  return slots;
}

function writeDigits(bytes: Uint8Array, at: number, value: number): void {
  let rest = value;
  for (let i = SERIAL.length - 1; i >= 0; i--) {
    bytes[at + i] = 0x30 + rest % 10;
    rest = Math.floor(rest / 10);
  }
}
