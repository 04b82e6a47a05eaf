import { deny } from "../decision.ts";
import type { SecretFinding, SecretScanner } from "../secrets/mod.ts";
import type { Stage, StageResult } from "./stage.ts";

/** Findings that a row names; a text full of secrets does not make a row full of findings. */
const MAX_FINDINGS = 20;

/** Denies a call whose arguments hold a credential. */
export function createSecretsStage(scanner: SecretScanner): Stage {
  return {
    name: "secrets",
    evaluate({ call }) {
      const start = performance.now();
      const scan = scanner.scan(call.input, call.inputPath);
      return secretsResult(scan, Math.round((performance.now() - start) * 1000));
    },
  };
}

/** What a scan means: a finding denies, and so does a scan that could not be finished. */
export function secretsResult(
  scan: { readonly findings: readonly SecretFinding[]; readonly exhausted: boolean },
  us: number,
): StageResult {
  const [first] = scan.findings;
  if (first) {
    return {
      rules: [{
        stage: "secrets",
        rule: first.kind,
        verdict: "deny",
        us,
        detail: { findings: scan.findings.slice(0, MAX_FINDINGS), count: scan.findings.length },
      }],
      denial: deny("secret_detection", first.kind, describe(first, scan.findings.length)),
    };
  }
  if (scan.exhausted) {
    const reason = "The input is too large or too deep to be searched for secrets";
    return {
      rules: [{ stage: "secrets", rule: "scan_budget", verdict: "deny", us, detail: reason }],
      denial: deny("secret_detection", "scan_budget", reason),
    };
  }
  return { rules: [{ stage: "secrets", rule: "detectors", verdict: "pass", us }] };
}

function describe(first: SecretFinding, count: number): string {
  const through = first.encoding.length > 0 ? ` through ${first.encoding.join(", ")}` : "";
  const more = count > 1 ? `, and ${count - 1} more` : "";
  return `A secret of kind ${first.kind} at ${first.path}${through} ` +
    `(${first.length} characters, fingerprint ${first.fingerprint})${more}`;
}
