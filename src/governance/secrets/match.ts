/** A credential in a text, with its place in that text. */
export interface Match {
  readonly kind: string;
  readonly provider: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
  readonly labels: readonly string[];
  /** False when only the name of a key made it one. */
  readonly certain: boolean;
}

/** One match per place: what is certain goes before what a key's name says, longer before shorter. */
export function settle(found: readonly Match[]): readonly Match[] {
  const ranked = found.map((match, order) => ({ match, order })).sort((a, b) =>
    Number(b.match.certain) - Number(a.match.certain) ||
    a.match.labels.length - b.match.labels.length ||
    a.match.start - b.match.start || a.order - b.order
  );
  const kept: Match[] = [];
  const taken = new Map<number, Match[]>();
  for (const { match } of ranked) {
    if (!overlapsKept(taken, match)) {
      kept.push(match);
      for (let block = match.start >> 8; block <= match.end >> 8; block++) {
        taken.set(block, [...taken.get(block) ?? [], match]);
      }
    }
  }
  return kept.sort((a, b) => a.start - b.start);
}

function overlapsKept(taken: ReadonlyMap<number, readonly Match[]>, match: Match): boolean {
  for (let block = match.start >> 8; block <= match.end >> 8; block++) {
    for (const other of taken.get(block) ?? []) {
      if (other.start < match.end && match.start < other.end) return true;
    }
  }
  return false;
}
