import { fileURLToPath } from "node:url";
import { assetPath } from "./assets.ts";
import { buildForm } from "./build_info.ts";

/** How to run this program again: the command and its first arguments. */
export interface SelfCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** In the portable form, the script beside the program that runs it with its flags. */
export const LAUNCHER = "launch";

/**
 * What keeps memory small: garbage is collected early, and WebAssembly (policies) is not compiled a second
 * time by the optimising compiler, which took 30 MB to save microseconds of what is cached anyway.
 */
export const V8_FLAGS: readonly string[] = [
  "--max-semi-space-size=8",
  "--heap-growing-percent=30",
  "--no-wasm-tier-up",
  "--no-wasm-dynamic-tiering",
];

/**
 * The command that starts this very program. Without prompts: on a terminal the runtime would otherwise ask
 * the operator to grant an isolate what its list refuses.
 */
export function selfCommand(): SelfCommand {
  switch (buildForm()) {
    case "compiled":
      return { command: Deno.execPath(), args: [] };
    case "portable":
      return { command: assetPath(LAUNCHER), args: [] };
    case "source":
      return {
        command: Deno.execPath(),
        args: [
          "run",
          "-A",
          `--v8-flags=${V8_FLAGS.join(",")}`,
          "--no-prompt",
          fileURLToPath(Deno.mainModule),
        ],
      };
  }
}
