import { type Budget, MAX_HITS, MAX_NESTING, MAX_TEXT, spend } from "./budget.ts";
import type { Detector } from "./detector.ts";
import type { Verdict } from "./judge.ts";
import type { KeyMeaning } from "./key_names.ts";
import type { Match } from "./match.ts";
import { isManifestValue } from "./manifest.ts";
import type { Chain } from "./seams.ts";
import { isTokenChar } from "./alphabet.ts";
import { crossesSeam } from "./view.ts";

/** One step of a path: a key of an object or an index of an array. */
export type Step = string | number;

/** Where a part of a credential stands: a leaf of the data, or the name of a key. */
export interface Place {
  readonly steps: readonly Step[];
  /** The place is the name of the last key itself. */
  readonly inKey: boolean;
  readonly start: number;
  readonly end: number;
}

/** A credential in structured data; more than one place when it was split over siblings. */
export interface Hit {
  readonly match: Pick<Match, "kind" | "provider" | "value" | "labels">;
  readonly places: readonly Place[];
}

/** What a walk found before it ended or its budget ran out. */
export interface Walk {
  readonly hits: readonly Hit[];
}

interface Sibling {
  readonly key: Step;
  readonly text: string;
}

const PIECE = 300;
const CLEAN_KEYS = 4096;
/** What a name costs beside its characters. */
const NAME_STEPS = 150;
/** A name without anything that gives a value to a name, and too short for a credential by itself. */
const PLAIN_NAME = /^[\w.-]{1,14}$/;

/** Builds the walker; it remembers key names that hold nothing, because the same few come again. */
export function createWalker(detector: Detector): (value: unknown, budget: Budget) => Walk {
  const cleanKeys = new Set<string>();
  return (value, budget) => {
    const walker = new Walker(detector, budget, cleanKeys);
    walker.visit(value, undefined);
    return walker;
  };
}

/** One walk: where it is and what it found. A class, for a walk is made several times a call. */
class Walker implements Walk {
  readonly hits: Hit[] = [];
  readonly #steps: Step[] = [];
  readonly #detector: Detector;
  readonly #budget: Budget;
  readonly #cleanKeys: Set<string>;

  constructor(detector: Detector, budget: Budget, cleanKeys: Set<string>) {
    this.#detector = detector;
    this.#budget = budget;
    this.#cleanKeys = cleanKeys;
  }

  visit(node: unknown, meaning: KeyMeaning | undefined): void {
    if (this.hits.length >= MAX_HITS) this.#budget.exhausted = true;
    if (this.#budget.exhausted) return;
    if (typeof node === "string") this.#leaf(node, meaning);
    else if (typeof node === "number" || typeof node === "bigint") {
      if (meaning !== undefined) this.#leaf(String(node), meaning);
    } else if (typeof node === "object" && node !== null) this.#container(node, meaning);
  }

  #leaf(text: string, meaning: KeyMeaning | undefined): void {
    if (!this.#mayRead(text)) return;
    const found = this.#detector.text(text, this.#budget);
    for (const match of found) this.#push(match, false, match.start, match.end);
    if (meaning === undefined || found.some((match) => match.certain)) return;
    const verdict = this.#detector.value(meaning, text);
    if (verdict !== undefined && found.length === 0) this.#pushVerdict(verdict);
  }

  #mayRead(text: string): boolean {
    const budget = this.#budget;
    if (budget.text + text.length > MAX_TEXT) budget.exhausted = true;
    return !budget.exhausted;
  }

  #push(match: Hit["match"], inKey: boolean, start: number, end: number): void {
    this.hits.push({ match, places: [{ steps: [...this.#steps], inKey, start, end }] });
  }

  #pushVerdict(verdict: Verdict): void {
    const { offset, value } = verdict;
    this.#push({ ...verdict, labels: [] }, false, offset, offset + value.length);
  }

  #keyName(name: string): void {
    if (PLAIN_NAME.test(name) || this.#cleanKeys.has(name) || !this.#mayRead(name)) return;
    spend(this.#budget, NAME_STEPS);
    const found = this.#detector.text(name, this.#budget);
    for (const match of found) this.#push(match, true, match.start, match.end);
    if (found.length > 0 || name.length > 64 || this.#budget.exhausted) return;
    if (this.#cleanKeys.size >= CLEAN_KEYS) this.#cleanKeys.clear();
    this.#cleanKeys.add(name);
  }

  #container(node: object, meaning: KeyMeaning | undefined): void {
    if (this.#steps.length >= MAX_NESTING) {
      this.#budget.exhausted = true;
      return;
    }
    this.#budget.steps++;
    const siblings: Sibling[] = [];
    if (Array.isArray(node)) this.#list(node, meaning, siblings);
    else this.#record(node as Record<string, unknown>, siblings);
    if (siblings.length > 1) this.#joinSiblings(siblings);
  }

  #list(node: readonly unknown[], meaning: KeyMeaning | undefined, siblings: Sibling[]): void {
    for (let i = 0; i < node.length && !this.#budget.exhausted; i++) {
      const child = node[i];
      this.#steps.push(i);
      this.visit(child, meaning);
      this.#steps.pop();
      if (typeof child === "string") siblings.push({ key: i, text: child });
    }
    const letters = spelledOut(node);
    if (letters !== undefined) this.#spelled(letters);
  }

  /** `[103, 104, 112, …]` read as characters: the whole list is the place. */
  #spelled(text: string): void {
    for (const match of this.#detector.text(text, this.#budget)) {
      if (!match.certain) continue;
      this.#push({ ...match, labels: ["codes", ...match.labels] }, false, -1, -1);
    }
  }

  #record(node: Record<string, unknown>, siblings: Sibling[]): void {
    const sealed = node["kind"] === "Secret";
    const parent = this.#steps.at(-1);
    for (const name of Object.keys(node)) {
      if (this.#budget.exhausted) return;
      const child = node[name];
      this.#steps.push(name);
      this.#keyName(name);
      this.visit(child, this.#meaningOf(name, parent));
      if (sealed && name === "data") this.#manifest(child);
      this.#steps.pop();
      if (typeof child === "string") siblings.push({ key: name, text: child });
    }
    this.#namedPair(node);
  }

  /** `{name: "DB_PASSWORD", value: "…"}`: the name stands beside its value. */
  #namedPair(node: Record<string, unknown>): void {
    const name = node["name"] ?? node["key"] ?? node["Name"] ?? node["Key"] ?? node["header"];
    const field = "value" in node ? "value" : "Value";
    const text = node[field];
    if (typeof name !== "string" || typeof text !== "string" || name.length > 96) return;
    const meaning = this.#detector.key(name);
    const verdict = known(meaning) ? this.#detector.value(meaning, text) : undefined;
    if (verdict === undefined) return;
    this.#steps.push(field);
    this.#pushVerdict(verdict);
    this.#steps.pop();
  }

  #meaningOf(name: string, parent: Step | undefined): KeyMeaning | undefined {
    const own = this.#detector.key(name);
    if (known(own)) return own;
    if (typeof parent !== "string" || name.length > 32) return undefined;
    const both = this.#detector.key(`${parent}_${name}`);
    return both.contexts.length > 0 ? both : undefined;
  }

  /** The data of a Kubernetes Secret: every value is one, whatever its name. */
  #manifest(data: unknown): void {
    if (typeof data !== "object" || data === null) return;
    for (const [name, text] of Object.entries(data)) {
      if (typeof text !== "string" || !isManifestValue(text)) continue;
      this.#steps.push(name);
      const match = { kind: "kubernetes_secret", provider: "Kubernetes", value: text, labels: [] };
      this.#push(match, false, 0, text.length);
      this.#steps.pop();
    }
  }

  #joinSiblings(siblings: readonly Sibling[]): void {
    for (const chain of siblingChains(siblings)) {
      for (const match of this.#detector.text(chain.text, this.#budget)) {
        if (!match.certain || !crossesSeam(chain, match.start, match.end)) continue;
        this.hits.push({
          match: { ...match, labels: ["joined", ...match.labels] },
          places: chain.pieces.flatMap((piece) => placeIn(piece, match, this.#steps)),
        });
      }
    }
  }
}

function known(meaning: KeyMeaning): boolean {
  return meaning.secrecy !== "none" || meaning.contexts.length > 0;
}

interface SiblingPiece {
  readonly key: Step;
  readonly start: number;
  readonly end: number;
  readonly at: number;
}

interface SiblingChain extends Chain {
  readonly pieces: readonly SiblingPiece[];
}

function placeIn(
  piece: SiblingPiece,
  match: Match,
  steps: readonly Step[],
): readonly Place[] {
  const from = Math.max(match.start, piece.at);
  const to = Math.min(match.end, piece.at + piece.end - piece.start);
  if (from >= to) return [];
  const shift = piece.start - piece.at;
  return [{ steps: [...steps, piece.key], inKey: false, start: from + shift, end: to + shift }];
}

function tailOf(text: string): number {
  let i = text.length;
  const stop = Math.max(0, i - PIECE);
  while (i > stop && isTokenChar(text.charCodeAt(i - 1))) i--;
  return i;
}

function headOf(text: string): number {
  let i = 0;
  const stop = Math.min(text.length, PIECE);
  while (i < stop && isTokenChar(text.charCodeAt(i))) i++;
  return i;
}

/** Neighbouring values whose ends touch without a space, put together. */
function siblingChains(siblings: readonly Sibling[]): SiblingChain[] {
  const chains: SiblingChain[] = [];
  let pieces: SiblingPiece[] = [];
  let text = "";
  function add(key: Step, from: string, start: number, end: number): void {
    if (end > start) pieces.push({ key, start, end, at: text.length });
    text += from.slice(start, end);
  }
  function close(): void {
    if (pieces.length > 1 && text.length >= 16) chains.push({ text, pieces });
    pieces = [];
    text = "";
  }
  for (const { key, text: own } of siblings) {
    const head = headOf(own);
    if (pieces.length > 0) add(key, own, 0, head);
    if (pieces.length > 0 && head === own.length) continue;
    close();
    add(key, own, tailOf(own), own.length);
  }
  close();
  return chains;
}

function spelledOut(node: readonly unknown[]): string | undefined {
  if (node.length < 16 || node.length > 8192) return undefined;
  if (typeof node[0] === "number") {
    if (
      !node.every((each) =>
        typeof each === "number" && Number.isInteger(each) && each >= 9 && each < 256
      )
    ) return undefined;
    return String.fromCharCode(...node as number[]);
  }
  return undefined;
}
