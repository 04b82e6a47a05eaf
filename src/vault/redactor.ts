import { AppError } from "../kernel/errors.ts";
import { ByteQueue } from "./byte_queue.ts";
import { type Ending, isFiller, PatternAutomaton } from "./pattern_automaton.ts";
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
  /**
   * Every key, text and number of a JSON value; after 1,000 texts that held something, the others are
   * replaced as a whole. Throws `invalid` for a value nested deeper than 1,000.
   */
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
  const patterns = watched.flatMap(({ value }, owner) =>
    formsOf(value.reveal()).map((bytes) => ({ bytes, owner }))
  );
  const automaton = new PatternAutomaton(patterns);
  const shortest = patterns.reduce(
    (least, { bytes }) => Math.min(least, charactersOf(bytes)),
    Infinity,
  );
  const names = watched.map(({ name }) => name);

  /** The first value in a text. Most texts hold none, and a message may be millions of them. */
  function find(text: string): Ending | undefined {
    return text.length < shortest ? undefined : findFirst(automaton, text);
  }
  function redactText(text: string): Redacted<string> {
    if (!find(text)) return { value: text, names: [] };
    const stream = new Stream(automaton, names);
    const head = stream.push(encoder.encode(text));
    const tail = stream.end();
    const found = sortedNames([...head.names, ...tail.names]);
    return { value: decoder.decode(join([head.value, tail.value])), names: found };
  }
  function redactWhole(text: string): Redacted<string> {
    const found = namesOf(find(text)?.owners ?? [], names);
    return { value: found.length === 0 ? text : markOf(found), names: found };
  }

  return {
    unwatched: secrets.filter((secret) => !watched.includes(secret)).map(({ name }) => name),
    redactText,
    redactJson(value) {
      const found = new Set<string>();
      let redactions = 0;
      const redacted = redactValue(value, (text) => {
        const result = redactions < MOST_REDACTIONS ? redactText(text) : redactWhole(text);
        if (result.names.length > 0) redactions++;
        for (const name of result.names) found.add(name);
        return result.value;
      }, 0);
      return { value: redacted, names: sortedNames(found) };
    },
    stream: () => new Stream(automaton, names),
    wipe: () => automaton.wipe(),
  };
}

function charactersOf(bytes: Uint8Array): number {
  return new TextDecoder().decode(bytes).length;
}

/** Texts of one JSON value that are redacted piece by piece: a server must not keep us busy with it. */
const MOST_REDACTIONS = 1000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const buffer = new Uint8Array(4096);

/** The bytes of a text, in one buffer for all where they fit into it. */
function encode(text: string): Uint8Array {
  if (text.length * 3 > buffer.length) return encoder.encode(text);
  return buffer.subarray(0, encoder.encodeInto(text, buffer).written);
}

function findFirst(automaton: PatternAutomaton, text: string): Ending | undefined {
  const bytes = encode(text);
  let state = 0;
  let fillers = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isFiller(byte)) {
      if (++fillers > MOST_FILLERS) state = 0;
      continue;
    }
    fillers = 0;
    state = automaton.step(state, byte);
    const ending = automaton.endingAt(state);
    if (ending) return ending;
  }
  return undefined;
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
  /** How many fillers came since the last byte that is none, and the offset of each of the two. */
  #fillers = 0;
  #lastFiller = -1;
  #lastByte = -1;
  /** Read and not passed on yet. */
  readonly #held = new ByteQueue();
  /** In order, none touching another. */
  #matches: Match[] = [];

  constructor(automaton: PatternAutomaton, names: readonly string[]) {
    this.#automaton = automaton;
    this.#names = names;
  }

  push(chunk: Uint8Array): Redacted<Uint8Array> {
    const offset = this.#held.end;
    this.#held.append(chunk);
    for (let at = 0; at < chunk.length; at++) this.#read(chunk[at] ?? 0, offset + at);
    return this.#release(this.#safeEnd());
  }

  cut(): Redacted<Uint8Array> {
    const depth = this.#automaton.depth(this.#state);
    if (depth >= SHORTEST_BYTES) {
      const owners = [this.#automaton.ownerOf(this.#state)];
      this.#note({ start: this.#startOf(depth), end: this.#held.end, owners });
    }
    this.#state = 0;
    return this.end();
  }

  end(): Redacted<Uint8Array> {
    return this.#release(this.#held.end);
  }

  #read(byte: number, offset: number): void {
    if (isFiller(byte)) {
      this.#lastFiller = offset;
      if (++this.#fillers > MOST_FILLERS) this.#state = 0;
      return;
    }
    this.#fillers = 0;
    this.#lastByte = offset;
    this.#state = this.#automaton.step(this.#state, byte);
    const ending = this.#automaton.endingAt(this.#state);
    if (!ending) return;
    this.#note({ start: this.#startOf(ending.length), end: offset + 1, owners: ending.owners });
  }

  /** Where the last `length` bytes begin, fillers between them not counted. */
  #startOf(length: number): number {
    let at = this.#lastByte - length + 1;
    if (at > this.#lastFiller) return at;
    const held = this.#held.view(this.#held.start, this.#held.end);
    at = this.#lastByte;
    for (let left = length - 1; left > 0;) {
      at--;
      if (!isFiller(held[at - this.#held.start] ?? 0)) left--;
    }
    return at;
  }

  /** Matches that overlap are one. */
  #note(match: Match): void {
    let merged = match;
    for (let last = this.#matches.at(-1); last && last.end > merged.start;) {
      const start = Math.min(last.start, merged.start);
      merged = { start, end: merged.end, owners: joinOwners(last.owners, merged.owners) };
      this.#matches.pop();
      last = this.#matches.at(-1);
    }
    this.#matches.push(merged);
  }

  /** Up to where nothing that comes can change anything. */
  #safeEnd(): number {
    const depth = this.#automaton.depth(this.#state);
    const open = depth === 0 ? this.#held.end : this.#startOf(depth);
    const last = this.#matches.at(-1);
    return last && last.end > open ? Math.min(last.start, open) : open;
  }

  #release(end: number): Redacted<Uint8Array> {
    const value = new ByteQueue();
    const found = new Set<string>();
    let at = this.#held.start;
    const done = this.#matches.filter((match) => match.end <= end);
    for (const match of done) {
      const names = namesOf(match.owners, this.#names);
      value.append(this.#held.view(at, match.start));
      value.append(encode(markOf(names)));
      for (const name of names) found.add(name);
      at = match.end;
    }
    value.append(this.#held.view(at, end));
    this.#matches = this.#matches.slice(done.length);
    this.#held.dropBefore(end);
    return { value: value.view(0, value.end), names: sortedNames(found) };
  }
}

function markOf(names: readonly string[]): string {
  return `[redacted:${names.join(",")}]`;
}

function joinOwners(one: readonly number[], other: readonly number[]): readonly number[] {
  const more = other.filter((owner) => !one.includes(owner));
  return more.length === 0 ? one : [...one, ...more];
}

function namesOf(owners: readonly number[], names: readonly string[]): readonly string[] {
  return owners.length === 1
    ? [names[owners[0] ?? 0] ?? ""]
    : sortedNames(owners.map((owner) => names[owner] ?? ""));
}

function sortedNames(names: Iterable<string>): readonly string[] {
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
