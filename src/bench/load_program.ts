import { describeMachine } from "./machine.ts";
import type { BenchContext, BenchProgram } from "./program.ts";
import { type BenchReport, reportOf } from "./report.ts";
import { type Bench, LIMITS_NOTE, UNLIMITED_CALLS, withService } from "./scenario.ts";

/** What a program found, without what all have in common. */
export type Found = Pick<BenchReport, "measures" | "notes" | "details">;

interface LoadProgram extends Omit<BenchProgram, "run"> {
  /** Puts load on the service and says what it measured. */
  readonly run: (bench: Bench, context: BenchContext) => Promise<Found>;
}

/** A program around one service whose limits no load reaches: started before, ended after, on a described machine. */
export function loadProgram({ run, ...about }: LoadProgram): BenchProgram {
  return {
    ...about,
    run: (context) => {
      context.progress("Starting the service");
      return withService(context, { callsPerWindow: UNLIMITED_CALLS }, async (bench) => {
        const machine = await describeMachine(bench.sql);
        const found = await run(bench, context);
        return reportOf({
          ...found,
          name: about.name,
          machine,
          notes: [...found.notes, LIMITS_NOTE],
        });
      });
    },
  };
}
