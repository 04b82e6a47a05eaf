import { CARRIERS, KEY_CARRIERS } from "./carriers.ts";
import { EVASION_FORMATS, TECHNIQUES } from "./evasions.ts";
import { FORMATS } from "./formats.ts";
import { KEYED } from "./keyed.ts";
import { NEGATIVES } from "./negatives.ts";
import { createRandom } from "./random.ts";

/** One case: the arguments of a call, and what is (or is not) in them. */
export interface Case {
  readonly kind: string;
  readonly variant: string;
  readonly input: unknown;
  /** The credential itself, to test that reports never show it. */
  readonly secret: string;
}

const PER_FORMAT = 4;
const SEED = 20_240_229;

/** Credentials in realistic arguments, every kind several times. The same cases on every run. */
export function positives(): readonly Case[] {
  const random = createRandom(SEED);
  const marked = FORMATS.flatMap(([kind, template], i) =>
    Array.from({ length: PER_FORMAT }, (_, n) => {
      const secret = random.fill(template);
      const carrier =
        /\n|^"|^\/\/|^\{|^curl|^echo|^machine|^Auth|^mysql|^sshpass|^ALTER/.test(secret)
          ? { name: "file", wrap: (value: string) => ({ content: `${value}\n` }) }
          : CARRIERS[(i + n * 3) % CARRIERS.length] ??
            { name: "none", wrap: (value: string) => ({ value }) };
      return { kind, variant: carrier.name, input: { tool_input: carrier.wrap(secret) }, secret };
    })
  );
  const keyed = KEYED.flatMap(([kind, key, template], i) =>
    Array.from({ length: PER_FORMAT }, (_, n) => {
      const secret = random.fill(template);
      const carrier =
        KEY_CARRIERS[(i + n * 3) % KEY_CARRIERS.length] as typeof KEY_CARRIERS[number];
      return {
        kind,
        variant: carrier.name,
        input: { tool_input: carrier.wrap(key, secret) },
        secret,
      };
    })
  );
  return [...marked, ...keyed];
}

/** Credentials in disguise: every technique on several formats. */
export function evasions(): readonly Case[] {
  const random = createRandom(SEED + 1);
  return TECHNIQUES.flatMap((technique) =>
    EVASION_FORMATS.map((template) => {
      const secret = random.fill(template);
      return {
        kind: technique.name,
        variant: template,
        input: { tool_input: technique.hide(secret, random) },
        secret,
      };
    })
  );
}

/** Arguments without any credential that look as if there were one. */
export function negatives(): readonly Case[] {
  const random = createRandom(SEED + 2);
  return NEGATIVES.flatMap(({ group, repeat, lines }) =>
    Array.from({ length: repeat }, () => lines).flat().map((line, i) => {
      const text = random.fill(line);
      const input = i % 3 === 0
        ? { command: text }
        : i % 3 === 1
        ? { file_path: "x", content: `// head\n${text}\n` }
        : { prompt: text };
      return { kind: group, variant: line, input: { tool_input: input }, secret: "" };
    })
  );
}
