/** Forbids core files for itself, then aborts as a crash does. */
import { forbidCoreDumps } from "../../src/kernel/core_dumps.ts";

if (!await forbidCoreDumps()) Deno.exit(3);
const { pid } = new Deno.Command("sleep", { args: ["60"] }).spawn();
for (const each of [pid, Deno.pid]) {
  await new Deno.Command("kill", { args: ["-ABRT", `${each}`] }).output();
}
await new Promise((resolve) => setTimeout(resolve, 60_000));
