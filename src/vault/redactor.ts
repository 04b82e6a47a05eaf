import { AppError } from "../kernel/errors.ts";
import { ByteQueue } from "./byte_queue.ts";
import { isFiller, PatternAutomaton } from "./pattern_automaton.ts";
import type { SecretBytes } from "./secret_bytes.ts";
import { formsOf, isLongEnough, SHORTEST_BYTES } from "./secret_forms.ts";

/** A value that was handed out, and the name that is shown in its place. */
export interface NamedSecret {
  readonly name: string;
  readonly value: SecretBytes;
}

/** Whether a value is long enough to be looked for: at least 8 bytes. */
export function isRedactable(value: SecretBytes): boolean {
  return isLongEnough(value.reveal());
}

/** Something with every value replaced by `[redacted:NAME]`, and the names of those that were in it. */
export interface Redacted<T> {
  readonly value: T;
  /** Sorted, each once; empty when nothing was found and `value` is what was given. */
  readonly names: readonly string[];
}

/** Redacts what comes in pieces. The pieces may be cut anywhere, also inside a character. */
export interface RedactionStream {
  /** What can be passed on: all but the beginning of what may still become a value. */
  push(chunk: Uint8Array): Redacted<Uint8Array>;
  /**
   * The rest, where what comes next does not continue it: bytes were left out, or a writer was ended in the
   * middle. At least 8 bytes that begin a value are taken for it.
   */
  cut(): Redacted<Uint8Array>;
  /** The rest. */
  end(): Redacted<Uint8Array>;
}

/** Looks for values in what comes back from whoever was given them. */
export interface Redactor {
  /** Names of values too short to look for: below 8 bytes they would be found in ordinary text. */
  readonly unwatched: readonly string[];
  redactText(text: string): Redacted<string>;
  /** Every key, text and number of a JSON value. Throws `invalid` for one nested deeper than 1,000. */
  redactJson(value: unknown): Redacted<unknown>;
  stream(): RedactionStream;
  /** Forgets the values. Nothing is redacted any more. */
  wipe(): void;
}

/**
 * A redactor of these values. It finds each in the forms of `secret_forms.ts`, in one pass that takes time in
 * proportion to what is searched. Whoever wants to get a value past it can: by an encoding of its own, or in
 * pieces. It is there for what happens by mistake; only a server without the value or the network cannot leak it.
 */
export function createRedactor(secrets: readonly NamedSecret[]): Redactor {
  const watched = secrets.filter(({ value }) => isRedactable(value));
  const automaton = new PatternAutomaton(
    watched.flatMap(({ value }, owner) =>
      formsOf(value.reveal()).map((bytes) => ({ bytes, owner }))
    ),
  );
  const names = watched.map(({ name }) => name);

  function redactText(text: string): Redacted<string> {
    const stream = new Stream(automaton, names);
    const head = stream.push(new TextEncoder().encode(text));
    const tail = stream.end();
    const found = sortedNames([...head.names, ...tail.names]);
    if (found.length === 0) return { value: text, names: found };
    return { value: new TextDecoder().decode(join([head.value, tail.value])), names: found };
  }

  return {
    unwatched: secrets.filter((secret) => !watched.includes(secret)).map(({ name }) => name),
    redactText,
    redactJson(value) {
      const found: string[] = [];
      const redacted = redactValue(value, (text) => {
        const result = redactText(text);
        found.push(...result.names);
        return result.value;
      }, 0);
      return { value: redacted, names: sortedNames(found) };
    },
    stream: () => new Stream(automaton, names),
    wipe: () => automaton.wipe(),
  };
}

interface Match {
  /** Offsets in everything that was pushed. */
  readonly start: number;
  readonly end: number;
  readonly owners: readonly number[];
}

/** More line breaks and blanks than this in a row end whatever was found so far, so that what is held back is bounded. */
const MOST_FILLERS = 2;

class Stream implements RedactionStream {
  readonly #automaton: PatternAutomaton;
  readonly #names: readonly string[];
  #state = 0;
  #fillers = 0;
  /** Read and not passed on yet. */
  readonly #held = new ByteQueue();
  /** Offsets of the bytes of the beginning that the state stands for; fillers are not among them. */
  #trail: number[] = [];
  /** In order, none touching another. */
  #matches: Match[] = [];

  constructor(automaton: PatternAutomaton, names: readonly string[]) {
    this.#automaton = automaton;
    this.#names = names;
  }

  push(chunk: Uint8Array): Redacted<Uint8Array> {
    const offset = this.#held.end;
    for (let at = 0; at < chunk.length; at++) this.#read(chunk[at] ?? 0, offset + at);
    this.#held.append(chunk);
    return this.#release(this.#safeEnd());
  }

  cut(): Redacted<Uint8Array> {
    const depth = this.#automaton.depth(this.#state);
    const start = this.#trail[this.#trail.length - depth];
    if (depth >= SHORTEST_BYTES && start !== undefined) {
      this.#note({ start, end: this.#held.end, owners: [this.#automaton.ownerOf(this.#state)] });
    }
    this.#enter(0);
    return this.end();
  }

  end(): Redacted<Uint8Array> {
    return this.#release(this.#held.end);
  }

  #read(byte: number, offset: number): void {
    if (isFiller(byte)) {
      if (++this.#fillers > MOST_FILLERS) this.#enter(0);
      return;
    }
    this.#fillers = 0;
    if (this.#state === 0 && !this.#automaton.begins(byte)) return;
    this.#trail.push(offset);
    this.#enter(this.#automaton.step(this.#state, byte));
    const ending = this.#automaton.endingAt(this.#state);
    if (!ending) return;
    const start = this.#trail[this.#trail.length - ending.length] ?? offset;
    this.#note({ start, end: offset + 1, owners: ending.owners });
  }

  #enter(state: number): void {
    this.#state = state;
    const depth = this.#automaton.depth(state);
    if (depth === 0) this.#trail.length = 0;
    else if (this.#trail.length > 2 * depth + 64) this.#trail = this.#trail.slice(-depth);
  }

  /** Matches that overlap are one. */
  #note(match: Match): void {
    let merged = match;
    for (let last = this.#matches.at(-1); last && last.end > merged.start;) {
      const start = Math.min(last.start, merged.start);
      merged = { start, end: merged.end, owners: [...last.owners, ...merged.owners] };
      this.#matches.pop();
      last = this.#matches.at(-1);
    }
    this.#matches.push(merged);
  }

  /** Up to where nothing that comes can change anything. */
  #safeEnd(): number {
    const depth = this.#automaton.depth(this.#state);
    const { end } = this.#held;
    const open = depth === 0 ? end : this.#trail[this.#trail.length - depth] ?? end;
    const last = this.#matches.at(-1);
    return last && last.end > open ? Math.min(last.start, open) : open;
  }

  #release(end: number): Redacted<Uint8Array> {
    const parts: Uint8Array[] = [];
    const found: string[] = [];
    let at = this.#held.start;
    const done = this.#matches.filter((match) => match.end <= end);
    for (const match of done) {
      const names = sortedNames(match.owners.map((owner) => this.#names[owner] ?? ""));
      parts.push(this.#held.view(at, match.start), mark(names));
      found.push(...names);
      at = match.end;
    }
    parts.push(this.#held.view(at, end));
    const value = join(parts);
    this.#matches = this.#matches.slice(done.length);
    this.#held.dropBefore(end);
    return { value, names: sortedNames(found) };
  }
}

function mark(names: readonly string[]): Uint8Array {
  return new TextEncoder().encode(`[redacted:${names.join(",")}]`);
}

function sortedNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const DEEPEST = 1000;

/** The same value where nothing was found in it, else a copy. */
function redactValue(value: unknown, redact: (text: string) => string, depth: number): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value === "number") {
    const text = `${value}`;
    const redacted = redact(text);
    return redacted === text ? value : redacted;
  }
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEEPEST) {
    throw new AppError("invalid", `Cannot search a value nested deeper than ${DEEPEST}`);
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => redactValue(item, redact, depth + 1));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  return redactMembers(value, redact, depth);
}

function redactMembers(
  value: object,
  redact: (text: string) => string,
  depth: number,
): object {
  let changed = false;
  const members = Object.entries(value).map(([key, member]) => {
    const redacted = [redact(key), redactValue(member, redact, depth + 1)] as const;
    changed ||= redacted[0] !== key || redacted[1] !== member;
    return redacted;
  });
  return changed ? Object.fromEntries(members) : value;
}
