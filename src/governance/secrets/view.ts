import type { Changes } from "./changes.ts";
import type { Decoded } from "./decode.ts";
import type { Folded } from "./fold.ts";
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
  readonly changed?: Changed;
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
  const labels = folded.labels.filter((label) => !parent.labels.includes(label));
  for (let first = 0; first < changes.length;) {
    let last = first;
    while (
      last + 1 < changes.length && changes.at(last + 1) - changes.at(last) < BEFORE + AFTER
    ) last++;
    const start = Math.max(0, changes.at(first) - BEFORE);
    const end = Math.min(text.length, changes.at(last) + AFTER);
    views.push({
      text: text.slice(start, end),
      parent,
      labels: [...parent.labels, ...labels],
      decodes: parent.decodes,
      folds: parent.folds + 1,
      changed: { changes, offset: start },
      source: (from, to) => [sourceStart(changes, from + start), sourceEnd(changes, to + start)],
    });
    first = last + 1;
  }
  return views;
}

/** Changes of a folded text, of which a view shows the part from `offset` on. */
interface Changed {
  readonly changes: Changes;
  readonly offset: number;
}

/** Whether `[start, end)` of a view, or what touches it, was folded. */
export function touchesChange({ changes, offset }: Changed, start: number, end: number): boolean {
  const index = changes.before(end + offset);
  return index >= 0 && changes.end(index) >= start + offset;
}

function sourceStart(changes: Changes, at: number): number {
  const index = changes.before(at);
  if (index < 0) return at;
  return at < changes.end(index)
    ? changes.from(index)
    : changes.fromEnd(index) + at - changes.end(index);
}

function sourceEnd(changes: Changes, end: number): number {
  const index = changes.before(end - 1);
  if (index < 0) return end;
  return end - 1 < changes.end(index)
    ? changes.fromEnd(index)
    : changes.fromEnd(index) + end - changes.end(index);
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
