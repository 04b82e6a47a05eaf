import { createHash, type Hash } from "node:crypto";
import type { Findings } from "./finding.ts";
import { timeOf } from "./row_check.ts";
import { isSigned, type Keyring } from "./signing.ts";

/** Rows of one writer that retention dropped: those created in `[from, to)`, `rows` of them. */
export interface Gap {
  readonly writer: string;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  readonly first_n: number;
  readonly last_n: number;
  readonly rows: number;
  /** Hexadecimal SHA-256 over the leaves of these rows in the order of n. */
  readonly digest: string;
}

/** The gaps of signed retention statements; what is not signed by a key of `keyring` counts for nothing. */
export function readGaps(details: readonly unknown[], keyring: Keyring): Gap[] {
  const gaps = new Map<string, Gap>();
  for (const detail of details) {
    const { statement } = (detail ?? {}) as { statement?: unknown };
    if (!isSigned(statement, "retention", keyring)) continue;
    for (const gap of (statement.body.gaps ?? []) as Gap[]) {
      gaps.set(`${gap.writer}\n${gap.from}`, gap);
    }
  }
  return [...gaps.values()];
}

interface Tally {
  readonly gap: Gap;
  readonly from: number;
  readonly to: number;
  readonly hash: Hash;
  rows: number;
}

/** Counts missing rows against the gaps that account for them. */
export interface GapBook {
  /** Whether a gap accounts for the missing row. */
  covers(writer: string, n: number, id: string, leaf: Uint8Array): boolean;
  /** Reports gaps of `writer` that account for other rows than are missing; for whole chains only. */
  settle(writer: string, findings: Findings): void;
}

export function createGapBook(gaps: readonly Gap[]): GapBook {
  const tallies: readonly Tally[] = gaps.map((gap) => ({
    gap,
    from: Date.parse(gap.from),
    to: Date.parse(gap.to),
    hash: createHash("sha256"),
    rows: 0,
  }));
  return {
    covers(writer, n, id, leaf) {
      const time = timeOf(id);
      const tally = tallies.find(({ gap, from, to }) =>
        gap.writer === writer && n >= gap.first_n && n <= gap.last_n && time >= from && time < to
      );
      if (!tally) return false;
      tally.rows++;
      tally.hash.update(leaf);
      return true;
    },
    settle(writer, findings) {
      for (const { gap, rows, hash } of tallies) {
        if (gap.writer !== writer) continue;
        if (rows === gap.rows && hash.digest("hex") === gap.digest) continue;
        findings.add({
          writer,
          n: gap.first_n,
          what: `Retention dropped ${gap.rows} rows of ${gap.from} to ${gap.to}, ` +
            `what is missing are ${rows} rows${rows === gap.rows ? ", and others" : ""}`,
        });
      }
    },
  };
}
