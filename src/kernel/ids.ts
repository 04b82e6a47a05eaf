/** Source of random bytes; injected where a test needs fixed ones. */
export type RandomBytes = (length: number) => Uint8Array;

export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hexadecimal of `bytes`. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

let latest = NaN;
let digits = "";

/** The twelve digits of `now` that an id begins with; many ids are of one millisecond. */
function timeDigits(now: number): string {
  if (now !== latest) {
    latest = now;
    digits = Math.floor(now).toString(16).padStart(12, "0");
  }
  return digits;
}

/** A UUIDv7 (RFC 9562): 48 bits of `now` in milliseconds, then what is random in a UUIDv4. Sorts by time. */
export function uuidV7(now: number = Date.now()): string {
  const time = timeDigits(now);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

/** Makes UUIDv7 that sort in the order in which they are made as long as the time does not step back. */
export function createOrderedIds(): (now: number) => string {
  let last = NaN;
  let count = 0;
  return (now) => {
    count = now === last ? count + 1 : 0;
    last = now;
    const id = uuidV7(now);
    const place = Math.min(count, 0xfff).toString(16).padStart(3, "0");
    return `${id.slice(0, 15)}${place}${id.slice(18)}`;
  };
}

/** The smallest UUIDv7 of that moment: none that was made then or later sorts before it. */
export function lowestUuidV7(now: number): string {
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

/** 32 hexadecimal digits, a W3C trace id. */
export function newTraceId(): string {
  return uuidV7().replaceAll("-", "");
}

/** Version ff is none; later versions than 00 may have more fields behind a dash. */
const TRACEPARENT =
  /^(?:00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$|(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$))/;

/** The trace id of a W3C `traceparent` header; undefined when absent or malformed. */
export function traceIdOf(traceparent: string | null | undefined): string | undefined {
  if (!traceparent) return undefined;
  const match = TRACEPARENT.exec(traceparent);
  const id = match?.[1] ?? match?.[2];
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}

/** Whether a value is a UUID as we write them: small letters. */
export function isUuid(value: unknown): value is string {
  return typeof value === "string" &&
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}

/** The span of the caller in a W3C `traceparent` header; undefined when absent or malformed. */
export function parentSpanOf(traceparent: string | null | undefined): string | undefined {
  if (traceIdOf(traceparent) === undefined) return undefined;
  const span = traceparent?.split("-")[2];
  return span === undefined || /^0+$/.test(span) ? undefined : span;
}
