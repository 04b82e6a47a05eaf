import { inTime } from "../../kernel/in_time.ts";
import type { Correlation, Decided } from "../../governance/mod.ts";

/** Which decision a tool use belongs to. */
export interface CallLink {
  readonly callId: string;
  readonly traceId: string;
}

/** Finds a decision where this isolate did not make it. */
export type FindDecision = (sessionId: string, toolUseId: string) => Promise<string | undefined>;

export interface CallLinks {
  remember(correlation: Correlation, toolUseId: string | undefined, decided: Decided): void;
  /** What is remembered of a tool use of this session. */
  find(sessionId: string, toolUseId: string): CallLink | undefined;
  /** The decision of a tool use, remembered or looked up; undefined when there is none. */
  lookUp(sessionId: string, toolUseId: string | undefined): Promise<string | undefined>;
}

/** Tool uses in one generation. More than run at once, little enough to be nothing in memory. */
const GENERATION = 5000;

interface Remembered extends CallLink {
  readonly sessionId: string;
}

/**
 * Remembers the latest decisions, so that most outcomes find theirs without a query. Two generations, the
 * older one dropped whole: taking the oldest entry out of a map costs more the more were taken before.
 */
export function createCallLinks(findDecision: FindDecision): CallLinks {
  let young = new Map<string, Remembered>();
  let old = new Map<string, Remembered>();
  // Tool uses are named uniquely. Of two sessions that name theirs alike, one is looked up in the database.
  function find(sessionId: string, toolUseId: string): CallLink | undefined {
    const link = young.get(toolUseId) ?? old.get(toolUseId);
    return link?.sessionId === sessionId ? link : undefined;
  }
  return {
    remember({ sessionId, traceId }, toolUseId, decided) {
      if (toolUseId === undefined || decided.decision.outcome === "deny") return;
      if (young.size >= GENERATION) [young, old] = [new Map(), young];
      young.set(toolUseId, { sessionId, callId: decided.id, traceId });
    },
    find,
    async lookUp(sessionId, toolUseId) {
      if (toolUseId === undefined) return undefined;
      return find(sessionId, toolUseId)?.callId ??
        await inTime(findDecision(sessionId, toolUseId), DEADLINE_MS, NOT_FOUND_IN_TIME);
    },
  };
}

/** An answer may not wait for ever: within this, in milliseconds, the decision is found or the look-up fails. */
const DEADLINE_MS = 1500;
const NOT_FOUND_IN_TIME = "The decision was not found in time";
