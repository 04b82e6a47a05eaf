/** Something that is not as it was written. Only what is known is given. */
export interface Finding {
  /** The chain; absent for a row that belongs to none. */
  readonly writer?: string;
  /** The row's place in its writer's chain, from 1. */
  readonly n?: number;
  readonly batch?: number;
  readonly seal?: number;
  readonly row?: string;
  /** One sentence. */
  readonly what: string;
}

/** Findings as they are made: the first ones are kept, all are counted. */
export interface Findings {
  readonly kept: readonly Finding[];
  readonly count: number;
  add(finding: Finding): void;
}

export function collectFindings(limit: number): Findings {
  const kept: Finding[] = [];
  let count = 0;
  return {
    kept,
    get count() {
      return count;
    },
    add(finding) {
      count++;
      if (kept.length < limit) kept.push(finding);
    },
  };
}
