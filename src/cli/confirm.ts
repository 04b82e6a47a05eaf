import { AppError } from "../kernel/errors.ts";
import type { CliContext } from "./context.ts";

/**
 * Asks before something is destroyed. Resolves when `yes` was given or the user agrees; throws `usage`
 * when there is nobody to ask, `conflict` when the user says no.
 *
 * @param question What is about to happen, e.g. `Delete 3 sessions?`
 */
export async function confirm(
  context: CliContext,
  question: string,
  yes: boolean,
): Promise<void> {
  if (yes) return;
  if (!context.terminal) {
    throw new AppError("usage", `Cannot ask "${question}" without a terminal`, {
      hint: 'Add "--yes" to go ahead.',
    });
  }
  const answer = (await context.terminal.ask(`${question} [y/N] `)).trim().toLowerCase();
  if (answer !== "y" && answer !== "yes") {
    throw new AppError("conflict", "Cancelled: nothing was changed");
  }
}
