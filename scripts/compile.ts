// deno-lint-ignore-file no-console
/**
 * Builds `dist/spgov`, one executable with everything in it. `deno task compile [--form auto|compiled|portable]
 * [--output FILE]`. It is compiled by `deno compile` where Deno's base binary is to be had, else it is
 * the portable form: a script that unpacks the runtime, the bundled program and PostgreSQL, and runs them.
 */
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildCompiled } from "./compile/compiled.ts";
import { buildPortable } from "./compile/portable.ts";
import { messageOf } from "../src/kernel/errors.ts";
import { ROOT } from "./compile/project.ts";

type Form = "auto" | "compiled" | "portable";

interface Options {
  readonly form: Form;
  /** Absolute path. */
  readonly output: string;
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { form: { type: "string", default: "auto" }, output: { type: "string" } },
  });
  const { form, output = join(ROOT, "dist", "spgov") } = values;
  if (form !== "auto" && form !== "compiled" && form !== "portable") {
    throw new Error(`--form is auto, compiled or portable, not "${form}"`);
  }
  return { form, output: resolve(output) };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function report(output: string, form: string): Promise<void> {
  const { size } = await Deno.stat(output);
  console.log(`${output}  ${megabytes(size)}, form ${form}`);
}

async function build({ form, output }: Options, work: string): Promise<void> {
  await Deno.mkdir(dirname(output), { recursive: true });
  if (form !== "portable" && await buildCompiled(output, work)) {
    return await report(output, "compiled");
  }
  const missing = "Deno's base binary (denort) is not to be had here";
  if (form === "compiled") throw new Error(`${missing}; DENORT_BIN can name one`);
  if (form === "auto") console.error(`${missing}: building the portable form`);
  const { id, unpackedBytes } = await buildPortable(output, work);
  await report(output, `portable, unpacks to ${megabytes(unpackedBytes)} as ${id}`);
}

const work = await Deno.makeTempDir({ prefix: "spgov-compile-" });
try {
  await build(readOptions(Deno.args), work);
} catch (error) {
  console.error(`The executable could not be built: ${messageOf(error)}`);
  Deno.exitCode = 1;
} finally {
  await Deno.remove(work, { recursive: true });
}
