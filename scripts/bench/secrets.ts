import process from "node:process";
import {
  createSecretScanner,
  type SecretScanner,
  secretsConfig,
} from "../../src/governance/mod.ts";
import { type Case, evasions, negatives, positives } from "../../tests/corpus/secrets/mod.ts";

interface Row {
  readonly name: string;
  found: number;
  named: number;
  total: number;
}

interface Timing {
  readonly name: string;
  readonly bytes: number;
  /** Processor time of the process per scan; the other three are wall clock. */
  readonly cpu_ms: number;
  readonly min_ms: number;
  readonly p50_ms: number;
  readonly max_ms: number;
  readonly exhausted: boolean;
}

/** What the bench measured. */
export interface SecretsReport {
  readonly kinds: number;
  readonly providers: number;
  readonly recall: number;
  readonly precision: number;
  readonly evasion_recall: number;
  readonly positives: readonly Row[];
  readonly evasions: readonly Row[];
  readonly false_positives: readonly { group: string; kind: string; text: string }[];
  readonly missed: readonly { kind: string; variant: string }[];
  readonly timings: readonly Timing[];
}

function tally(
  scanner: SecretScanner,
  cases: readonly Case[],
  missed: { kind: string; variant: string }[],
): Row[] {
  const rows = new Map<string, Row>();
  for (const each of cases) {
    const row = rows.get(each.kind) ?? { name: each.kind, found: 0, named: 0, total: 0 };
    rows.set(each.kind, row);
    const { findings } = scanner.scan(each.input, "$");
    row.total++;
    if (findings.length > 0) row.found++;
    else missed.push({ kind: each.kind, variant: each.variant });
    if (findings.some((finding) => finding.kind === each.kind)) row.named++;
  }
  return [...rows.values()];
}

function share(rows: readonly Row[]): number {
  const total = rows.reduce((sum, row) => sum + row.total, 0);
  return rows.reduce((sum, row) => sum + row.found, 0) / total;
}

const PROSE =
  'The deploy step reads its token from the vault; see docs/key-rotation.md.\nexport const retries = 3; // per request\nconst user = await store.find({ id: "42", region: "eu-west-1" });\n  if (user === undefined) return { status: 404, body: "no such user" };\n';
const HOSTILE = ["eyJ", "key", "AKIA", "token=", "=", "'", "a\nb", "%41", "sk-", "://a@"];

function sized(unit: string, bytes: number): string {
  return unit.repeat(Math.ceil(bytes / unit.length)).slice(0, bytes);
}

function measure(scanner: SecretScanner, name: string, input: unknown, runs: number): Timing {
  for (let i = 0; i < Math.min(runs, 100); i++) scanner.scan(input, "$");
  const before = process.cpuUsage();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    scanner.scan(input, "$");
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const used = process.cpuUsage(before);
  const { exhausted } = scanner.scan(input, "$");
  const bytes = JSON.stringify(input).length;
  return {
    name,
    bytes,
    cpu_ms: (used.user + used.system) / 1000 / runs,
    min_ms: times[0] ?? 0,
    p50_ms: times[runs >> 1] ?? 0,
    max_ms: times.at(-1) ?? 0,
    exhausted,
  };
}

function timings(scanner: SecretScanner): Timing[] {
  const call = {
    session_id: "5d1f1f2e-1111-4222-8333-944444444444",
    hook_event_name: "PreToolUse",
    cwd: "/srv/app",
    tool_name: "Bash",
    tool_input: { command: sized(PROSE, 260), description: "Look up one user" },
  };
  const ordinary = [10_000, 100_000, 1_000_000].map((bytes) =>
    measure(
      scanner,
      `ordinary ${bytes / 1000} KB`,
      { content: sized(PROSE, bytes) },
      bytes > 500_000 ? 7 : 60,
    )
  );
  const hostile = HOSTILE.map((unit) =>
    measure(scanner, `hostile 1 MB ${JSON.stringify(unit)}`, { content: sized(unit, 1_000_000) }, 3)
  );
  let nested = sized(PROSE, 400_000);
  for (let i = 0; i < 3; i++) nested = btoa(nested);
  return [
    measure(scanner, "tool call 500 B", call, 4000),
    ...ordinary,
    measure(scanner, "base64 three deep", { content: nested }, 3),
    ...hostile,
  ];
}

/** Runs the corpus and the timings. */
export function run(): SecretsReport {
  const scanner = createSecretScanner(secretsConfig.parse({}), new TextEncoder().encode("bench"));
  const missed: { kind: string; variant: string }[] = [];
  const found = tally(scanner, positives(), missed);
  const hidden = tally(scanner, evasions(), missed);
  const falsePositives = negatives().flatMap((each) =>
    scanner.scan(each.input, "$").findings.slice(0, 1).map((finding) => ({
      group: each.kind,
      kind: finding.kind,
      text: each.variant,
    }))
  );
  const hits = [...found, ...hidden].reduce((sum, row) => sum + row.found, 0);
  return {
    kinds: scanner.kinds.length,
    providers: new Set(scanner.kinds.map((kind) => kind.provider)).size,
    recall: share(found),
    precision: hits / (hits + falsePositives.length),
    evasion_recall: share(hidden),
    positives: found,
    evasions: hidden,
    false_positives: falsePositives,
    missed,
    timings: timings(scanner),
  };
}

function table(report: SecretsReport): string {
  const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
  const rows = (list: readonly Row[]) =>
    list.map((row) =>
      `  ${row.name.padEnd(34)} found ${row.found}/${row.total}  named ${row.named}/${row.total}`
    );
  return [
    `kinds ${report.kinds}, providers ${report.providers}`,
    `recall ${percent(report.recall)}, precision ${percent(report.precision)}, evasion recall ${
      percent(report.evasion_recall)
    }`,
    "by kind",
    ...rows(report.positives),
    "by technique",
    ...report.evasions.map((row) => `  ${row.name.padEnd(34)} found ${row.found}/${row.total}`),
    "missed",
    ...report.missed.map((each) => `  ${each.kind}: ${each.variant}`),
    "false positives",
    ...report.false_positives.map((each) =>
      `  ${each.group}: ${each.kind}: ${each.text.slice(0, 90).replaceAll("\n", "\\n")}`
    ),
    "time",
    ...report.timings.map((each) =>
      `  ${each.name.padEnd(28)} cpu ${each.cpu_ms.toFixed(3)} ms  min ${
        each.min_ms.toFixed(3)
      } ms  p50 ${each.p50_ms.toFixed(3)} ms  max ${each.max_ms.toFixed(3)} ms${
        each.exhausted ? "  (budget spent: denied)" : ""
      }`
    ),
  ].join("\n");
}

/** Prints the report; 1 when recall, precision or evasion recall are too low. */
export function main(args: readonly string[]): number {
  const report = run();
  const text = args.includes("--json") ? JSON.stringify(report) : table(report);
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
  return report.recall < 0.98 || report.precision < 0.99 || report.evasion_recall < 0.95 ? 1 : 0;
}

if (import.meta.main) Deno.exit(main(Deno.args));
