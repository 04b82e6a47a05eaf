import type { BenchProgram } from "./program.ts";
import { burst } from "./programs/burst.ts";
import { decisions } from "./programs/decisions.ts";
import { generator } from "./programs/generator.ts";
import { growth } from "./programs/growth.ts";
import { logs } from "./programs/logs.ts";
import { mcp } from "./programs/mcp.ts";
import { memory } from "./programs/memory.ts";
import { payload } from "./programs/payload.ts";
import { single } from "./programs/single.ts";
import { startup } from "./programs/startup.ts";

/** Every benchmark, in the order in which `all` runs them. */
export const PROGRAMS: readonly BenchProgram[] = [
  generator,
  startup,
  single,
  burst,
  payload,
  decisions,
  mcp,
  logs,
  growth,
  memory,
];

/** The benchmark of that name; undefined when there is none. */
export function findProgram(name: string): BenchProgram | undefined {
  return PROGRAMS.find((program) => program.name === name);
}
