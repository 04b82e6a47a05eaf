import type { SecretScanner } from "./secrets/mod.ts";

/** What else a row keeps of a call. */
export type Context = Readonly<Record<string, unknown>>;

/** A context as rows keep it: without its secrets, its members in order. */
export type KeepContext = (scanner: SecretScanner, context: Context) => Context;

/** Contexts in one generation, and the longest that is remembered, in characters of its JSON text. */
const GENERATION = 1000;
const LONGEST = 2048;

/**
 * Takes the secrets out of contexts and remembers those that held none: the calls of a session come with the
 * same one again and again (folder, transcript, mode, address). Two generations, the older one dropped whole.
 */
export function createKeepContext(): KeepContext {
  let young = new Map<string, Context>();
  let old = new Map<string, Context>();
  let keptFor: SecretScanner | undefined;

  function remember(text: string, kept: Context): void {
    if (text.length > LONGEST) return;
    if (young.size >= GENERATION) [young, old] = [new Map(), young];
    young.set(text, kept);
  }

  return (scanner, context) => {
    if (keptFor !== scanner) [young, old] = [new Map(), new Map()];
    keptFor = scanner;
    const text = JSON.stringify(context);
    const known = young.get(text) ?? old.get(text);
    if (known) return known;
    const { value, findings } = scanner.redact(context, "$");
    if (typeof value !== "object" || value === null) return { omitted: value };
    const kept = inOrder(value as Context);
    if (findings.length === 0) remember(text, kept);
    return kept;
  };
}

/** The members in the order of their names: a row that is in order is printed at native speed. */
function inOrder(members: Context): Context {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => a < b ? -1 : 1));
}
