import { AppError, messageOf } from "../../kernel/errors.ts";
import { homeAt } from "../../kernel/home.ts";
import { findService } from "../../kernel/service_file.ts";
import { didYouMean } from "../../kernel/suggest.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit.ts";
import type { Demo, DemoResult, Step } from "./demo.ts";
import { DEMOS } from "./demos/mod.ts";
import { toJunit } from "./junit.ts";
import { createScene } from "./scene.ts";

interface RunFlags {
  readonly all: boolean;
  readonly junit?: string;
}

export default async function run(
  this: CliContext,
  { all, junit }: RunFlags,
  ...names: readonly string[]
): Promise<void> {
  const demos = choose(names, all);
  const service = await findService(homeAt(this.home).serviceFile);
  if (!service) {
    throw new AppError("unavailable", `No appliance runs in "${this.home}"`, {
      hint: 'Start one with "spgov start --detach".',
    });
  }
  const results: DemoResult[] = [];
  for (const demo of demos) results.push(await play(this, demo, service.url));
  if (junit !== undefined) await Deno.writeTextFile(junit, toJunit(results));
  report(this, results);
}

function choose(names: readonly string[], all: boolean): readonly Demo[] {
  if (all) return DEMOS;
  if (names.length === 0) {
    throw new AppError("usage", "Name a demo or a category, or give --all", {
      hint: 'See "spgov demo list".',
    });
  }
  return names.flatMap((name) => {
    const found = DEMOS.filter((demo) =>
      [demo.name, ...demo.aliases ?? []].some((known) =>
        known === name || known.split("/")[1] === name
      ) || demo.name.startsWith(`${name}/`)
    );
    if (found.length > 0) return found;
    const hint = didYouMean(name, DEMOS.map((demo) => demo.name)) ?? 'See "spgov demo list".';
    throw new AppError("not_found", `There is no demo "${name}"`, { hint });
  });
}

async function play(context: CliContext, demo: Demo, url: string): Promise<DemoResult> {
  const { out } = context;
  out.note(`${demo.name}: ${demo.title}`);
  const steps: Step[] = [];
  const scene = createScene(context, url, (step) => {
    steps.push(step);
    out.note(`  ${step.met ? "ok  " : "FAIL"} ${step.text}`);
    if (!step.met) out.note(`       found: ${JSON.stringify(step.found)}`);
  });
  const start = performance.now();
  const error = await demo.play(scene).then(() => undefined, messageOf);
  if (error !== undefined) out.note(`  FAIL ${error}`);
  return {
    name: demo.name,
    title: demo.title,
    // A demo without a single expectation has shown nothing.
    passed: error === undefined && steps.length > 0 && steps.every(({ met }) => met),
    ms: Math.round(performance.now() - start),
    steps,
    ...error !== undefined && { error },
  };
}

function report({ out, setExit }: CliContext, results: readonly DemoResult[]): void {
  const passed = results.filter((result) => result.passed).length;
  const failed = results.length - passed;
  out.table({
    kind: "demo.results",
    columns: ["result", "demo", "expectations", "ms"],
    rows: results.map(({ name, passed, steps, ms }) => ({
      result: passed ? "passed" : "FAILED",
      demo: name,
      expectations: `${steps.filter(({ met }) => met).length} of ${steps.length} met`,
      ms,
    })),
    data: { passed, failed, demos: results },
  });
  if (failed > 0) setExit(EXIT.failure);
}
