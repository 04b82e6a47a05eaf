import { HAS } from "./alphabet.ts";
import { anchorsOf, mayStart } from "./anchors.ts";
import { buildAutomaton } from "./automaton.ts";
import { type Budget, MAX_DECODES, spend } from "./budget.ts";
import { decodeRun } from "./decode.ts";
import { fold, FOLDABLE, MAX_CHANGES } from "./fold.ts";
import { judgeValue, type Verdict } from "./judge.ts";
import { createKeyReader, type KeyMeaning } from "./key_names.ts";
import { type Match, settle } from "./match.ts";
import { createPass, type Pass, type PassOptions } from "./pass.ts";
import type { ContextRule, PrefixRule } from "./rules/types.ts";
import { eachChain } from "./seams.ts";
import { sweep } from "./sweep.ts";
import {
  decodedView,
  foldedViews,
  joinedView,
  plainView,
  touchesChange,
  type View,
} from "./view.ts";

/** Finds credentials in texts and in the values of named keys. */
export interface Detector {
  text(text: string, budget: Budget): readonly Match[];
  key(name: string): KeyMeaning;
  /** Judges the whole value of a key in structured data. */
  value(meaning: KeyMeaning, value: string): Verdict | undefined;
}

/** What the detector is made of. */
export interface DetectorOptions extends PassOptions {
  readonly prefixes: readonly PrefixRule[];
  readonly contexts: readonly ContextRule[];
}

/** What looking at the anchors that end at one place costs beside the rules that are tried there. */
const ANCHOR_STEPS = 10;

/** Builds the automaton and the key reader once; the detector keeps no state between calls. */
export function createDetector(options: DetectorOptions): Detector {
  const anchors = anchorsOf(options);
  const automaton = buildAutomaton(anchors.map((anchor) => anchor.text));
  const readKey = createKeyReader(options.contexts);

  function scanView(view: View, budget: Budget, out: Match[]): void {
    if (!spend(budget, view.text.length)) return;
    let pass: Pass | undefined;
    const runs: number[] = [];
    const flags = sweep(view.text, automaton, {
      anchors: (numbers, end) => {
        if (!spend(budget, ANCHOR_STEPS)) return false;
        for (let i = 0; i < numbers.length; i++) {
          const anchor = anchors[numbers[i] ?? 0];
          if (anchor === undefined || !mayStart(anchor, view.text, end)) continue;
          pass ??= createPass(view, budget, out, options, readKey);
          pass.anchor(anchor, end);
        }
        return true;
      },
      run: (start, end) => runs.push(start, end),
    });
    if (!budget.exhausted) derive(view, flags, runs, budget, out);
  }

  function derive(
    view: View,
    flags: number,
    runs: readonly number[],
    budget: Budget,
    out: Match[],
  ): void {
    if ((flags & FOLDABLE) !== 0 && view.folds < MAX_DECODES) {
      spend(budget, view.text.length);
      const folded = fold(view.text);
      if (folded !== undefined) {
        if (!spend(budget, folded.changes.length * 12) || folded.changes.length > MAX_CHANGES) {
          budget.exhausted = true;
          return;
        }
        for (const each of foldedViews(view, folded)) scanView(each, budget, out);
      }
    }
    if ((flags & (HAS.quote | HAS.newline | HAS.backslash)) !== 0 && view.chain === undefined) {
      const seams = eachChain(
        view.text,
        (chain) => scanView(joinedView(view, chain), budget, out),
      );
      spend(budget, (view.text.length >> 2) + seams * 24);
    }
    if (view.decodes < MAX_DECODES) decodeRuns(view, runs, budget, out);
  }

  function decodeRuns(view: View, runs: readonly number[], budget: Budget, out: Match[]): void {
    for (let i = 0; i < runs.length && !budget.exhausted; i += 2) {
      const [start, end] = [runs[i] ?? 0, runs[i + 1] ?? 0];
      if (view.changed !== undefined && !touchesChange(view.changed, start, end)) continue;
      spend(budget, 8 + ((end - start) >> 3));
      const decoded = decodeRun(view.text, start, end, view.decodes === 0);
      if (decoded !== undefined) scanView(decodedView(view, decoded), budget, out);
    }
  }

  return {
    text(text, budget) {
      budget.text += text.length;
      const found: Match[] = [];
      scanView(plainView(text), budget, found);
      return found.length < 2 ? found : settle(found);
    },
    key: readKey,
    value: (meaning, value) => {
      const verdict = judgeValue({ meaning, value, quoted: true, by: "sign" }, options.minBits);
      if (verdict === undefined || options.disabled.has(verdict.kind)) return undefined;
      return options.allow.value(verdict.value) ? undefined : verdict;
    },
  };
}
