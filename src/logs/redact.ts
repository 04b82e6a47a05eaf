import {
  createSecretScanner,
  type SecretScanner,
  type SecretsConfig,
} from "../governance/secrets/mod.ts";
import type { WrittenLine } from "./line.ts";

/** Takes credentials out of lines. */
export type RedactLine = (line: WrittenLine) => WrittenLine;

/**
 * Causes of failures quote what failed, credentials included: each line is searched like a call. The
 * fingerprints in the marks are keyed like those of the audit, so that one can be found from the other.
 */
export function createLineRedactor(config: SecretsConfig, fingerprintKey: Uint8Array): RedactLine {
  const scanner: SecretScanner = createSecretScanner(config, fingerprintKey);
  return (line) => {
    const { message, fields } = line;
    const scan = scanner.scan({ message, fields }, "$");
    if (scan.findings.length === 0 && !scan.exhausted) return line;
    const { value } = scanner.redact({ message, fields }, "$");
    const clean = value as Partial<Pick<WrittenLine, "message" | "fields">>;
    return {
      ...line,
      message: clean.message ?? "[redacted:unscanned]",
      fields: clean.fields ?? {},
    };
  };
}
