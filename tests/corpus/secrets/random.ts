/** A deterministic source of made-up credentials. */
export interface Random {
  /** An integer from 0 up to, not including, `below`. */
  int(below: number): number;
  pick<T>(items: readonly T[]): T;
  /** Fills a template such as `ghp_{b62:36}`. */
  fill(template: string): string;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";

const ALPHABETS: Readonly<Record<string, string>> = {
  d: DIGITS,
  hex: "0123456789abcdef",
  HEX: "0123456789ABCDEF",
  ah: "abcdefgh0123456789",
  a36: LOWER + DIGITS,
  A36: UPPER + DIGITS,
  b62: UPPER + LOWER + DIGITS,
  b64: UPPER + LOWER + DIGITS + "+/",
  b64u: UPPER + LOWER + DIGITS + "-_",
  b32: UPPER + "234567",
  b32l: LOWER + "234567",
  bech: "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
  wg: "AEIMQUYcgkosw480",
};

/** Mulberry32: small, fast and the same on every machine. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  const int = (below: number) => Math.floor(next() * below);
  function draw(alphabet: string, length: number): string {
    let out = "";
    for (let i = 0; i < length; i++) out += alphabet.charAt(int(alphabet.length));
    return out;
  }
  function part(spec: string): string {
    const [name = "", length = "0"] = spec.split(":");
    if (name === "uuid") {
      return [8, 4, 4, 4, 12].map((n) => draw(ALPHABETS["hex"] ?? "", n)).join("-");
    }
    if (name === "jwt") return jwt();
    if (name === "pem") return pem(length);
    if (name === "pair") {
      return btoa(`${draw(LOWER, 6)}:${draw(ALPHABETS["b62"] ?? "", Number(length))}`);
    }
    return draw(ALPHABETS[name] ?? "", Number(length));
  }
  function jwt(): string {
    const encode = (value: unknown) =>
      btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
    const payload = {
      sub: draw(DIGITS, 8),
      email: `${draw(LOWER, 6)}@corp.test`,
      exp: 1900000000 + int(1000),
    };
    return `${encode({ alg: "HS256", typ: "JWT" })}.${encode(payload)}.${
      draw(ALPHABETS["b64u"] ?? "", 43)
    }`;
  }
  function pem(label: string): string {
    const lines = Array.from({ length: 8 }, () => draw(ALPHABETS["b64"] ?? "", 64));
    const name = label.replaceAll("_", " ");
    return `-----BEGIN ${name}-----\n${lines.join("\n")}\n-----END ${name}-----`;
  }
  return {
    int,
    pick: (items) => items[int(items.length)] as typeof items[number],
    fill: (template) => template.replace(/\{([^{}]+)\}/g, (_, spec: string) => part(spec)),
  };
}
