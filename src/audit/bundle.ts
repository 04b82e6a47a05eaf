import { BundleReader, type Trust } from "./bundle_reader.ts";
import type { BundleChain, BundleHeader } from "./bundle_format.ts";
import { collectFindings, type Finding } from "./finding.ts";

export interface BundleReport {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  readonly createdAt: string | undefined;
  readonly filter: BundleHeader["filter"];
  readonly chains: readonly BundleChain[];
  readonly rows: number;
  readonly batches: number;
  readonly seals: number;
  /** Ids of the keys whose signatures were found good. */
  readonly keyIds: readonly string[];
  readonly durationMs: number;
}

export interface VerifyBundleOptions extends Trust {
  readonly maxFindings?: number;
}

/** Verifies a bundle, given as its lines. Needs memory for one batch. Findings are data; it never throws for them. */
export async function verifyBundle(
  lines: AsyncIterable<string>,
  options: VerifyBundleOptions = {},
): Promise<BundleReport> {
  const started = performance.now();
  const findings = collectFindings(options.maxFindings ?? 1000);
  const reader = new BundleReader(findings, options);
  for await (const line of lines) reader.take(line);
  reader.finish();
  const { chains, header, keyIds } = reader;
  return {
    ok: findings.count === 0,
    findings: findings.kept,
    findingCount: findings.count,
    createdAt: header?.created_at,
    filter: header?.filter ?? {},
    chains,
    rows: sum(chains, (chain) => chain.rows),
    batches: sum(chains, (chain) => chain.batches),
    seals: sum(chains, (chain) => chain.seals),
    keyIds,
    durationMs: performance.now() - started,
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
