import type { Sql } from "../db/mod.ts";
import type { Findings } from "./finding.ts";
import { type Seal, sealHash } from "./seal_format.ts";
import { findSeals } from "./seal_store.ts";

/** Checks that the seals which seals of other chains name are there, and are those. */
export interface ReferenceCheck {
  add(seal: Seal): Promise<void>;
  finish(): Promise<void>;
}

interface Named {
  readonly writer: string;
  readonly seal: number;
  readonly hash: string;
  /** Which seal names it. */
  readonly by: Seal;
}

const AT_ONCE = 1000;

export function createReferenceCheck(sql: Sql, findings: Findings): ReferenceCheck {
  let waiting = new Map<string, Named>();
  const reported = new Set<string>();
  async function flush(): Promise<void> {
    const named = [...waiting.values()];
    waiting = new Map();
    const stored = new Map(
      (await findSeals(sql, named.map(({ writer, seal }) => ({ writer, seal }))))
        .map(({ writer, number, seal }) => [`${writer}\n${number}`, seal]),
    );
    for (const { writer, seal, hash, by } of named) {
      const found = stored.get(`${writer}\n${seal}`);
      if (found && sealHash(found).toHex() === hash) continue;
      if (reported.has(writer)) continue;
      reported.add(writer);
      const state = found ? "is another one than" : "is missing:";
      const what =
        `Seal ${seal} of "${writer}" ${state} seal ${by.seal} of "${by.writer}" names it`;
      findings.add({ writer, seal, what });
    }
  }
  return {
    async add(by) {
      for (const [writer, { seal, hash }] of Object.entries(by.others)) {
        waiting.set(`${writer}\n${seal}\n${hash}`, { writer, seal, hash, by });
      }
      if (waiting.size >= AT_ONCE) await flush();
    },
    finish: flush,
  };
}
