import { BREAK, CLASS_OF, FLAGGED, HAS, OTHER } from "./alphabet.ts";
import type { Automaton } from "./automaton.ts";

/** Encoded runs shorter than this hold no credential. */
const SHORTEST_RUN = 20;
/** A run of this length goes on over a line end: that is how encoders wrap. */
const WRAPPED_LINE = 40;

/** Receives what one pass over a text comes across. */
export interface SweepSink {
  /** Anchor numbers that end at `end` (exclusive). False ends the pass. */
  anchors(numbers: readonly number[], end: number): boolean;
  /** A run of base64 characters. */
  run(start: number, end: number): void;
}

/** One pass over the text; returns the flags of what it holds (see `HAS`). */
export function sweep(text: string, automaton: Automaton, sink: SweepSink): number {
  const { next, accepting, ends } = automaton;
  const length = text.length;
  let state = 0;
  let flags = 0;
  let runStart = 0;
  let lineStart = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const cls = code < 128 ? CLASS_OF[code] ?? OTHER : OTHER;
    state = next[(state << 6) | cls] ?? 0;
    if (state >= accepting && !sink.anchors(ends[state - accepting] ?? [], i + 1)) return flags;
    if (cls < BREAK) continue;
    if (cls >= FLAGGED) flags |= 1 << (cls - FLAGGED);
    if (code > 127) flags |= HAS.wide;
    if (i - runStart >= SHORTEST_RUN) {
      if ((code === 10 || code === 13) && i - lineStart >= WRAPPED_LINE) {
        lineStart = i + 1;
        continue;
      }
      if (code === 10 && i === lineStart) {
        lineStart = i + 1;
        continue;
      }
      sink.run(runStart, i);
    }
    runStart = i + 1;
    lineStart = i + 1;
  }
  if (length - runStart >= SHORTEST_RUN) sink.run(runStart, length);
  return flags;
}
