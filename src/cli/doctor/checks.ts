import type { Check } from "./check.ts";
import { runtime } from "./runtime.ts";

/** Everything that `spgov doctor` looks at, in the order of the report. Add a line to add a check. */
export const CHECKS: readonly Check[] = [runtime];
