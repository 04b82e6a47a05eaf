/**
 * The fault tests in their long form, with the figures they were specified with (500 calls a second,
 * repeats, minutes of pressure). Takes about half an hour; name some to run only those:
 *
 *     deno task bench faults R5 R9
 *     deno task bench faults R14 -- --rate 100     # fewer calls a second, on a machine that does other things
 *
 * Each fault prints what became of the calls; `--json` gives the results alone.
 */
import { fileURLToPath } from "node:url";

/** What became of one fault test. */
export interface FaultResult {
  readonly name: string;
  readonly seconds: number;
  readonly verdict: "passed" | "failed" | "skipped";
}

const FOLDER = fileURLToPath(new URL("../../tests/faults", import.meta.url));

/** Reads a report in JUnit's form. */
export function readResults(xml: string): readonly FaultResult[] {
  const cases = xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs);
  return [...cases].map(([, attributes = "", inside = ""]) => ({
    name: unescape(/(?:^| )name="([^"]*)"/.exec(attributes)?.[1] ?? ""),
    seconds: Number(/ time="([\d.]+)"/.exec(attributes)?.[1] ?? 0),
    verdict: /<(failure|error)\b/.test(inside)
      ? "failed"
      : inside.includes("<skipped")
      ? "skipped"
      : "passed",
  }));
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function unescape(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name) => ENTITIES[name] ?? whole);
}

function filterOf(names: readonly string[]): string {
  const wanted = names.filter((name) => /^R\d+$/.test(name)).join("|");
  return `/^(${wanted === "" ? "R\\d+" : wanted}):/`;
}

async function main(args: readonly string[]): Promise<number> {
  const isJson = args.includes("--json");
  const rate = args.includes("--rate") ? args[args.indexOf("--rate") + 1] : undefined;
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", `--junit-path=${report}`, "--filter", filterOf(args), FOLDER],
      env: {
        SPGOV_FAULTS: "long",
        SPGOV_BALLAST_MB: "1",
        ...rate !== undefined && { SPGOV_FAULTS_RATE: rate },
      },
      stdin: "null",
      stdout: isJson ? "null" : "inherit",
      stderr: isJson ? "null" : "inherit",
    }).output();
    const results = readResults(await Deno.readTextFile(report));
    if (isJson) say(JSON.stringify({ passed: code === 0, results }));
    else for (const { name, seconds, verdict } of results) say(`${verdict} ${seconds} s  ${name}`);
    return code === 0 ? 0 : 1;
  } finally {
    await Deno.remove(report);
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
