import { type Budget, MAX_HITS, MAX_NESTING, MAX_TEXT } from "./budget.ts";
import type { Detector } from "./detector.ts";
import type { Match } from "./match.ts";
import type { KeyMeaning } from "./key_names.ts";
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

/** Builds the walker; it remembers key names that hold nothing, because the same few come again. */
export function createWalker(detector: Detector): (value: unknown, budget: Budget) => Walk {
  const cleanKeys = new Set<string>();

  return (value, budget) => {
    const hits: Hit[] = [];
    const steps: Step[] = [];

    function leaf(text: string, meaning: KeyMeaning | undefined): void {
      if (budget.exhausted) return;
      if (budget.text + text.length > MAX_TEXT) {
        budget.exhausted = true;
        return;
      }
      const found = detector.text(text, budget);
      for (const match of found) push(match, false, match.start, match.end);
      if (meaning === undefined || found.some((match) => match.certain)) return;
      const verdict = detector.value(meaning, text);
      if (verdict === undefined || found.length > 0) return;
      push(
        { ...verdict, labels: [] },
        false,
        verdict.offset,
        verdict.offset + verdict.value.length,
      );
    }

    function push(match: Hit["match"], inKey: boolean, start: number, end: number): void {
      hits.push({ match, places: [{ steps: [...steps], inKey, start, end }] });
    }

    function keyName(name: string): void {
      if (cleanKeys.has(name)) return;
      if (budget.text + name.length > MAX_TEXT) {
        budget.exhausted = true;
        return;
      }
      const found = detector.text(name, budget);
      for (const match of found) push(match, true, match.start, match.end);
      if (found.length > 0 || name.length > 64 || budget.exhausted) return;
      if (cleanKeys.size >= CLEAN_KEYS) cleanKeys.clear();
      cleanKeys.add(name);
    }

    function visit(node: unknown, meaning: KeyMeaning | undefined): void {
      if (hits.length >= MAX_HITS) budget.exhausted = true;
      if (budget.exhausted) return;
      if (typeof node === "string") leaf(node, meaning);
      else if (typeof node === "number" || typeof node === "bigint") {
        if (meaning !== undefined) leaf(String(node), meaning);
      } else if (typeof node === "object" && node !== null) container(node, meaning);
    }

    function container(node: object, meaning: KeyMeaning | undefined): void {
      if (steps.length >= MAX_NESTING) {
        budget.exhausted = true;
        return;
      }
      budget.steps++;
      const siblings: Sibling[] = [];
      if (Array.isArray(node)) list(node, meaning, siblings);
      else record(node as Record<string, unknown>, siblings);
      if (siblings.length > 1) joinSiblings(siblings);
    }

    function list(
      node: readonly unknown[],
      meaning: KeyMeaning | undefined,
      siblings: Sibling[],
    ): void {
      for (let i = 0; i < node.length && !budget.exhausted; i++) {
        const child = node[i];
        steps.push(i);
        visit(child, meaning);
        steps.pop();
        if (typeof child === "string") siblings.push({ key: i, text: child });
      }
      const letters = spelledOut(node);
      if (letters !== undefined) spelled(letters);
    }

    /** `[103, 104, 112, …]` read as characters: the whole list is the place. */
    function spelled(text: string): void {
      for (const match of detector.text(text, budget)) {
        if (!match.certain) continue;
        hits.push({
          match: { ...match, labels: ["codes", ...match.labels] },
          places: [{ steps: [...steps], inKey: false, start: -1, end: -1 }],
        });
      }
    }

    function record(node: Record<string, unknown>, siblings: Sibling[]): void {
      const sealed = node["kind"] === "Secret";
      for (const name of Object.keys(node)) {
        if (budget.exhausted) return;
        const child = node[name];
        steps.push(name);
        keyName(name);
        visit(child, meaningOf(name, steps.at(-2)));
        if (sealed && name === "data") manifest(child);
        steps.pop();
        if (typeof child === "string") siblings.push({ key: name, text: child });
      }
      namedPair(node);
    }

    /** `{name: "DB_PASSWORD", value: "…"}`: the name stands beside its value. */
    function namedPair(node: Record<string, unknown>): void {
      const name = node["name"] ?? node["key"] ?? node["Name"] ?? node["Key"] ?? node["header"];
      const field = "value" in node ? "value" : "Value";
      const text = node[field];
      if (typeof name !== "string" || typeof text !== "string" || name.length > 96) return;
      const meaning = detector.key(name);
      const verdict = known(meaning) ? detector.value(meaning, text) : undefined;
      if (verdict === undefined) return;
      steps.push(field);
      push(
        { ...verdict, labels: [] },
        false,
        verdict.offset,
        verdict.offset + verdict.value.length,
      );
      steps.pop();
    }

    function meaningOf(name: string, parent: Step | undefined): KeyMeaning | undefined {
      const own = detector.key(name);
      if (known(own)) return own;
      if (typeof parent !== "string" || name.length > 32) return undefined;
      const both = detector.key(`${parent}_${name}`);
      return both.contexts.length > 0 ? both : undefined;
    }

    /** The data of a Kubernetes Secret: every value is one, whatever its name. */
    function manifest(data: unknown): void {
      if (typeof data !== "object" || data === null) return;
      for (const [name, text] of Object.entries(data)) {
        if (typeof text !== "string" || !isManifestValue(text)) continue;
        steps.push(name);
        const match = {
          kind: "kubernetes_secret",
          provider: "Kubernetes",
          value: text,
          labels: [],
        };
        push(match, false, 0, text.length);
        steps.pop();
      }
    }

    function joinSiblings(siblings: readonly Sibling[]): void {
      for (const chain of siblingChains(siblings)) {
        for (const match of detector.text(chain.text, budget)) {
          if (!match.certain || !crossesSeam(chain, match.start, match.end)) continue;
          hits.push({
            match: { ...match, labels: ["joined", ...match.labels] },
            places: chain.pieces.flatMap((piece) => placeIn(piece, match, steps)),
          });
        }
      }
    }

    visit(value, undefined);
    return { hits };
  };
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
