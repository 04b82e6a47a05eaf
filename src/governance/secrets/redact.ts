import { MAX_NESTING } from "./budget.ts";
import type { Hit, Place, Step } from "./walk.ts";

/** A replacement in one text. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Edits {
  readonly values: Map<string, Edit[]>;
  readonly keys: Map<string, Edit[]>;
}

function addressOf(steps: readonly Step[]): string {
  return JSON.stringify(steps);
}

function collect(hits: readonly Hit[], mark: (hit: Hit) => string): Edits {
  const edits: Edits = { values: new Map(), keys: new Map() };
  for (const hit of hits) {
    hit.places.forEach((place, i) => add(edits, place, i === 0 ? mark(hit) : ""));
  }
  return edits;
}

function add(edits: Edits, place: Place, text: string): void {
  const map = place.inKey ? edits.keys : edits.values;
  const address = addressOf(place.steps);
  const edit = { start: place.start, end: place.end, text };
  const known = map.get(address);
  if (known) known.push(edit);
  else map.set(address, [edit]);
}

function apply(text: string, edits: readonly Edit[]): string {
  let out = "";
  let copied = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (edit.end <= copied) continue;
    out += text.slice(copied, Math.max(copied, edit.start)) + edit.text;
    copied = edit.end;
  }
  return out + text.slice(copied);
}

/**
 * A copy of `value` with the place of each hit replaced. What lies deeper than the nesting limit was
 * never scanned and is replaced whole.
 */
export function replaceHits(
  value: unknown,
  hits: readonly Hit[],
  mark: (hit: Hit) => string,
): unknown {
  const edits = collect(hits, mark);
  const steps: Step[] = [];

  function leaf(text: string, original: unknown): unknown {
    const own = edits.values.get(addressOf(steps));
    return own === undefined ? original : apply(text, own);
  }

  function copy(node: unknown): unknown {
    if (typeof node === "string") return leaf(node, node);
    if (typeof node === "number" || typeof node === "bigint") {
      return leaf(String(node), node);
    }
    if (typeof node !== "object" || node === null) return node;
    if (steps.length >= MAX_NESTING) return "[redacted:too_deep]";
    const whole = edits.values.get(addressOf(steps))?.find((edit) => edit.start < 0);
    if (whole !== undefined) return whole.text;
    return Array.isArray(node) ? copyList(node) : copyRecord(node as Record<string, unknown>);
  }

  function copyList(node: readonly unknown[]): unknown[] {
    return node.map((child, i) => {
      steps.push(i);
      const copied = copy(child);
      steps.pop();
      return copied;
    });
  }

  function copyRecord(node: Record<string, unknown>): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (const name of Object.keys(node)) {
      steps.push(name);
      const own = edits.keys.get(addressOf(steps));
      const key = own === undefined ? name : apply(name, own);
      const child = copy(node[name]);
      Object.defineProperty(out, key, {
        value: child,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      steps.pop();
    }
    return out;
  }

  return copy(value);
}
