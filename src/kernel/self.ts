import { fileURLToPath } from "node:url";
import { assetPath } from "./assets.ts";
import { buildForm } from "./build_info.ts";

/** How to run this program again: the command and its first arguments. */
export interface SelfCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** The word by which the configuration means this program where it names a command. */
export const SELF_NAME = "spgov";

/** In the portable form, the script beside the program that runs it with its flags. */
export const LAUNCHER = "launch";

/**
 * What keeps memory small at little cost (measured under load, in all isolates together): a young heap in
 * which a request can live and die (twice as large it saves a few microseconds a request, and takes 16 MB), an
 * old one that is collected before it grows by more than a half (by a quarter it takes 7 MB less, and marks
 * twice as often: under load the gateway then stands still for some 15 ms twice a second), WebAssembly
 * (policies) compiled once, not a second time by the optimising compiler, which took 30 MB to save microseconds
 * of what is cached anyway, and leave to collect what starting left behind (`memory.ts`).
 */
export const V8_FLAGS: readonly string[] = [
  "--max-semi-space-size=8",
  "--heap-growing-percent=50",
  "--no-wasm-tier-up",
  "--no-wasm-dynamic-tiering",
  "--expose-gc",
];

/**
 * Variables of a process that serves. Without them glibc keeps a heap for each thread, and in it what starting
 * and compiling took: 8 MB.
 */
export const SERVING_VARIABLES: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: "2",
  MALLOC_TRIM_THRESHOLD_: "1048576",
  MALLOC_MMAP_THRESHOLD_: "262144",
};

/**
 * The command that starts this very program. Without prompts: on a terminal the runtime would otherwise ask
 * the operator to grant an isolate what its list refuses. Only the supervisor and the command line can say:
 * an isolate has another main module.
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
