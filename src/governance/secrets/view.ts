import { type Change, changeBefore, type Folded } from "./fold.ts";
import type { Decoded } from "./decode.ts";
import type { Chain } from "./seams.ts";

/** A text made of another one, down to the text of the call. */
export interface View {
  readonly text: string;
  readonly parent?: View;
  readonly labels: readonly string[];
  readonly decodes: number;
  readonly folds: number;
  /** Only credentials of fixed form count, and only across a seam. */
  readonly chain?: Chain;
  readonly changes?: readonly Change[];
  /** The place in the parent that `[start, end)` came from. */
  readonly source: (start: number, end: number) => readonly [number, number];
}

const NO_LABELS: readonly string[] = [];
const AS_IT_IS: View["source"] = (start, end) => [start, end];

/** The text of the call itself. */
export function plainView(text: string): View {
  return { text, labels: NO_LABELS, decodes: 0, folds: 0, source: AS_IT_IS };
}

/** How far around a change a folded text is read again. */
const BEFORE = 512;
const AFTER = 2048;

/** Views of a folded text, one for each neighbourhood of changes. */
export function foldedViews(parent: View, folded: Folded): readonly View[] {
  const views: View[] = [];
  const { changes, text } = folded;
  for (let first = 0; first < changes.length;) {
    let last = first;
    while (
      last + 1 < changes.length &&
      (changes[last + 1]?.at ?? 0) - (changes[last]?.at ?? 0) < BEFORE + AFTER
    ) last++;
    const start = Math.max(0, (changes[first]?.at ?? 0) - BEFORE);
    const end = Math.min(text.length, (changes[last]?.at ?? 0) + AFTER);
    views.push(foldedView(parent, folded, start, end, changes.slice(first, last + 1)));
    first = last + 1;
  }
  return views;
}

/** The part of a folded text that differs from the text before. */
function foldedView(
  parent: View,
  folded: Folded,
  offset: number,
  stop: number,
  near: readonly Change[],
): View {
  const shifted = offset === 0
    ? near
    : near.map((change) => ({ ...change, at: change.at - offset }));
  return {
    text: folded.text.slice(offset, stop),
    parent,
    labels: [...parent.labels, ...folded.labels.filter((label) => !parent.labels.includes(label))],
    decodes: parent.decodes,
    folds: parent.folds + 1,
    changes: shifted,
    source: (start, end) => [
      sourceStart(folded.changes, start + offset),
      sourceEnd(folded.changes, end + offset),
    ],
  };
}

function sourceStart(changes: readonly Change[], at: number): number {
  const change = changes[changeBefore(changes, at)];
  if (change === undefined) return at;
  if (at < change.at + change.length) return change.from;
  return change.from + change.fromLength + (at - change.at - change.length);
}

function sourceEnd(changes: readonly Change[], end: number): number {
  const change = changes[changeBefore(changes, end - 1)];
  if (change === undefined) return end;
  if (end - 1 < change.at + change.length) return change.from + change.fromLength;
  return change.from + change.fromLength + (end - change.at - change.length);
}

/** A view of what an encoded run says; all of it comes from the whole run. */
export function decodedView(parent: View, decoded: Decoded): View {
  return {
    text: decoded.text,
    parent,
    labels: [...parent.labels, decoded.label],
    decodes: parent.decodes + 1,
    folds: decoded.binary ? Infinity : parent.folds,
    source: () => [decoded.start, decoded.end],
  };
}

/** A view of pieces put together. */
export function joinedView(parent: View, chain: Chain): View {
  return {
    text: chain.text,
    parent,
    labels: [...parent.labels, "joined"],
    decodes: parent.decodes,
    folds: parent.folds,
    chain,
    source: (start, end) => [pieceStart(chain, start), pieceEnd(chain, end)],
  };
}

function pieceStart(chain: Chain, at: number): number {
  const piece = chain.pieces.findLast((each) => each.at <= at) ?? chain.pieces[0];
  return piece === undefined ? at : piece.start + at - piece.at;
}

function pieceEnd(chain: Chain, end: number): number {
  return pieceStart(chain, end - 1) + 1;
}

/** True when `[start, end)` of a chain holds characters of more than one piece. */
export function crossesSeam(chain: Chain, start: number, end: number): boolean {
  return chain.pieces.some((piece) => piece.at > start && piece.at < end);
}

/** Where `[start, end)` of a view stands in the text of the call. */
export function origin(view: View, start: number, end: number): readonly [number, number] {
  let [from, to] = [start, end];
  for (let each: View | undefined = view; each?.parent !== undefined; each = each.parent) {
    [from, to] = each.source(from, to);
  }
  return [from, to];
}
