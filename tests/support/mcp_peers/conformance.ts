import type { Peers } from "./peers.ts";

/** Revisions whose requirements the suite knows: one of each era. */
export const REVISIONS = ["2025-11-25", "2026-07-28"] as const;
export type Revision = (typeof REVISIONS)[number];

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
  readonly details?: unknown;
}

/** What the suite found: each check as `scenario check`, numbered where a scenario makes one several times. */
export interface Verdicts {
  readonly passed: ReadonlySet<string>;
  /** With what it says about it. */
  readonly failed: ReadonlyMap<string, string>;
}

/** Runs every scenario that a revision requires of a server, and those that are run unscored, against `url`. */
export async function runConformance(
  peers: Peers,
  url: string,
  revision: Revision,
): Promise<Verdicts> {
  const folder = await Deno.makeTempDir({ prefix: "conformance-" });
  try {
    const args = ["server", "--url", url, "--requirements", revision, "--output-dir", folder];
    const { stdout, stderr } = await peers.run("conformance", args, { timeoutMs: 180_000 });
    const verdicts = await readVerdicts(folder);
    if (verdicts.passed.size === 0) throw new Error(`Nothing was checked: ${stdout}${stderr}`);
    return verdicts;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readVerdicts(folder: string): Promise<Verdicts> {
  const passed = new Set<string>();
  const failed = new Map<string, string>();
  for await (const { name } of Deno.readDir(folder)) {
    const scenario = name.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT.*$/, "");
    const checks: Check[] = JSON.parse(await Deno.readTextFile(`${folder}/${name}/checks.json`));
    const seen = new Map<string, number>();
    for (const { id, status, errorMessage, details } of checks) {
      const n = (seen.get(id) ?? 0) + 1;
      seen.set(id, n);
      const key = `${scenario} ${id}${n === 1 ? "" : `#${n}`}`;
      if (status === "SUCCESS") passed.add(key);
      if (status === "FAILURE") {
        failed.set(key, `${errorMessage} ${JSON.stringify(details)?.slice(0, 500)}`);
      }
    }
  }
  return { passed, failed };
}
