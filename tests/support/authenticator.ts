import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** What goes wrong on purpose. */
export interface Twist {
  readonly origin?: string;
  readonly host?: string;
  readonly userVerified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly type?: string;
  /** Signs something else. */
  readonly forged?: boolean;
}

/** An authenticator in software that speaks WebAuthn's formats: one discoverable ES256 credential. */
export class Authenticator {
  readonly id = randomBytes(16).toString("base64url");
  readonly #origin: string;
  readonly #host: string;
  readonly #key: KeyObject;
  readonly #publicKey: Uint8Array;
  #counter = 0;
  #userHandle = "";

  constructor(origin: string) {
    this.#origin = origin;
    this.#host = new URL(origin).hostname;
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#key = privateKey;
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    this.#publicKey = coseKey(x, y);
  }

  /** Answers `navigator.credentials.create()`. */
  create(
    options: { readonly challenge: string; readonly user: { readonly id: string } },
    twist: Twist = {},
  ): string {
    this.#userHandle = options.user.id;
    const id = bytesOf(this.id);
    const attested = concat(new Uint8Array(16), [0, id.length], id, this.#publicKey);
    const data = concat(this.#data(0x40, twist), attested);
    return JSON.stringify({
      ...this.#envelope(),
      response: {
        clientDataJSON: this.#clientData("webauthn.create", options.challenge, twist),
        attestationObject: text(attestation(data)),
        transports: ["internal"],
      },
    });
  }

  /** Answers `navigator.credentials.get()`. */
  get(options: { readonly challenge: string }, twist: Twist = {}): string {
    const data = this.#data(0, twist);
    const clientData = this.#clientData("webauthn.get", options.challenge, twist);
    const signed = concat(data, createHash("sha256").update(bytesOf(clientData)).digest());
    if (twist.forged) signed[0] = (signed[0] ?? 0) ^ 1;
    return JSON.stringify({
      ...this.#envelope(),
      response: {
        clientDataJSON: clientData,
        authenticatorData: text(data),
        signature: text(sign("sha256", signed, this.#key)),
        userHandle: twist.userHandle ?? this.#userHandle,
      },
    });
  }

  #envelope(): Readonly<Record<string, unknown>> {
    return { id: this.id, rawId: this.id, type: "public-key", clientExtensionResults: {} };
  }

  #data(flags: number, { host = this.#host, userVerified = true, counter }: Twist): Uint8Array {
    const count = counter ?? ++this.#counter;
    const counterBytes = [count >>> 24, count >>> 16 & 255, count >>> 8 & 255, count & 255];
    const hash = createHash("sha256").update(host).digest();
    return concat(hash, [flags | 0x01 | (userVerified ? 0x04 : 0)], counterBytes);
  }

  #clientData(type: string, challenge: string, twist: Twist): string {
    const origin = twist.origin ?? this.#origin;
    const data = { type: twist.type ?? type, challenge, origin, crossOrigin: false };
    return text(new TextEncoder().encode(JSON.stringify(data)));
  }
}

/** CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y} */
function coseKey(x: string, y: string): Uint8Array {
  const head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
  return concat(head, bytesOf(x), [0x22, 0x58, 0x20], bytesOf(y));
}

/** CBOR: {"fmt": "none", "attStmt": {}, "authData": data} */
function attestation(data: Uint8Array): Uint8Array {
  const name = (word: string) => [0x60 + word.length, ...new TextEncoder().encode(word)];
  const head = [0xa3, ...name("fmt"), ...name("none"), ...name("attStmt"), 0xa0];
  return concat([...head, ...name("authData"), 0x59, data.length >>> 8, data.length & 255], data);
}

function concat(...parts: readonly ArrayLike<number>[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

function bytesOf(base64url: string): Uint8Array {
  return Uint8Array.fromBase64(base64url, { alphabet: "base64url" });
}

function text(bytes: Uint8Array): string {
  return Uint8Array.from(bytes).toBase64({ alphabet: "base64url", omitPadding: true });
}
