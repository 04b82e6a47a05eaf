import { createSecretScanner } from "../../../../governance/mod.ts";
import type { CliContext } from "../../../context.ts";
import { EXIT } from "../../../exit.ts";
import { getConfiguration } from "../../config/load.ts";
import { fingerprintKey } from "../fingerprint_key.ts";
import { readInput } from "../input.ts";

/** Looks for secrets in JSON by its paths, in anything else as one text. Never prints any of the input. */
export default async function test(
  this: CliContext,
  _: object,
  file: string | undefined,
): Promise<void> {
  const text = await readInput(this, file);
  const { governance, revision } = await getConfiguration(this);
  const scanner = createSecretScanner(governance.secrets, await fingerprintKey(this));
  const { format, value } = read(text);
  const { findings, exhausted } = scanner.scan(value, "$");
  this.out.table({
    kind: "governance.secrets.test",
    rows: findings,
    columns: [
      "kind",
      "provider",
      { label: "PATH", of: ({ path }) => path, keep: true },
      "length",
      { label: "FINGERPRINT", of: ({ fingerprint }) => fingerprint, keep: true },
      "encoding",
    ],
    data: { revision, format, findings, total: findings.length, exhausted },
    empty: exhausted ? "Nothing found so far." : "No secret found.",
  });
  if (exhausted) this.out.warn("The input is too large or too deep to be searched to its end");
  if (findings.length > 0 || exhausted) this.setExit(EXIT.denied);
}

function read(text: string): { readonly format: "json" | "text"; readonly value: unknown } {
  try {
    return { format: "json", value: JSON.parse(text) };
  } catch {
    return { format: "text", value: text };
  }
}
