import type { MadeApiKey } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { keyRow } from "./view.ts";

/** Prints a new key, alone, on standard output: this once. */
export function printMade({ out, clock }: CliContext, kind: string, made: MadeApiKey): void {
  out.text({ kind, text: made.text, data: { key: made.text, ...keyRow(made.key, clock.now()) } });
  out.note("This key is shown once. Whoever has it can do what it opens.");
}
