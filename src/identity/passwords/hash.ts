import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import { AppError } from "../../kernel/errors.ts";
import { createGate } from "./gate.ts";

/**
 * What one hash costs: 64 MiB and about half a second, one of the strengths that OWASP's password storage
 * guide holds equal for scrypt (2^17·1, 2^16·2, 2^15·3). Raised here, old hashes are renewed at sign-in.
 */
const COST: Cost = { ln: 16, r: 8, p: 2 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Hashes computed at once: bounds the memory of an isolate to 128 MiB. */
const AT_ONCE = 2;
/** Who waits beyond that; one more is told to come back. */
const WAITING = 16;
/** No stored hash may ask for more than this, whoever wrote it. */
const MAX_MEMORY = 256 * 1024 * 1024;

interface Cost {
  /** N = 2^ln */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

interface Stored extends Cost {
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

/** Whether a password is the one, and whether its hash was made at another cost than today's. */
export interface Verified {
  readonly matches: boolean;
  readonly outdated: boolean;
}

/** Hashes passwords with scrypt, outside the event loop. */
export interface PasswordHasher {
  /** `$scrypt$ln=…,r=…,p=…$salt$key`. Throws `unavailable` when too many wait. */
  hash(password: string): Promise<string>;
  /** Does the same work whether there is a hash or not: time says nothing. Throws `unavailable`. */
  verify(password: string, stored: string | undefined): Promise<Verified>;
  /** Keys derived so far. */
  readonly derived: number;
}

/** One for each isolate: it bounds what is computed at once. */
export function createPasswordHasher(cost: Cost = COST): PasswordHasher {
  const gate = createGate({ atOnce: AT_ONCE, waiting: WAITING });
  // Nobody's: what a password is compared with where there is none.
  const nobody: Stored = { ...cost, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };
  let derived = 0;
  const derive = (password: string, salt: Uint8Array, by: Cost): Promise<Uint8Array> => {
    derived++;
    return gate(() => deriveKey(password, salt, by));
  };
  return {
    get derived() {
      return derived;
    },
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return format({ ...cost, salt, key: await derive(password, salt, cost) });
    },
    async verify(password, stored) {
      const against = parse(stored) ?? nobody;
      const key = await derive(password, against.salt, against);
      const matches = timingSafeEqual(key, against.key) && against !== nobody;
      return { matches, outdated: !sameCost(against, cost) };
    },
  };
}

/** One password has one spelling, however it is typed. */
function canonical(password: string): string {
  return password.toWellFormed().normalize("NFKC");
}

function deriveKey(password: string, salt: Uint8Array, { ln, r, p }: Cost): Promise<Uint8Array> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 2 * MAX_MEMORY };
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  scrypt(canonical(password), salt, KEY_BYTES, options, (error, key) => {
    if (error) reject(new AppError("internal", "The password cannot be hashed", { cause: error }));
    else resolve(key);
  });
  return promise;
}

function format({ ln, r, p, salt, key }: Stored): string {
  const text = (bytes: Uint8Array) => bytes.toBase64({ omitPadding: true });
  return `$scrypt$ln=${ln},r=${r},p=${p}$${text(salt)}$${text(key)}`;
}

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{22})\$([\w+/]{43})$/;

/** Undefined for what is no hash of ours: nobody's password fits it. */
function parse(stored: string | undefined): Stored | undefined {
  const [, ln, r, p, salt, key] = FORM.exec(stored ?? "") ?? [];
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (salt === undefined || key === undefined || memoryOf(cost) > MAX_MEMORY) return undefined;
  return { ...cost, salt: Uint8Array.fromBase64(salt), key: Uint8Array.fromBase64(key) };
}

function memoryOf({ ln, r }: Cost): number {
  return 128 * r * 2 ** ln;
}

function sameCost(a: Cost, b: Cost): boolean {
  return a.ln === b.ln && a.r === b.r && a.p === b.p;
}
