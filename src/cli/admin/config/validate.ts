import type { CliContext } from "../../context.ts";
import { EXIT } from "../../exit.ts";
import { textView } from "../../output/view.ts";
import { formatDiagnostic } from "../../profile.ts";
import { readConfiguration } from "./load.ts";

export default async function validate(this: CliContext): Promise<void> {
  const { loaded, profilePath, services } = await readConfiguration(this);
  const profile = profilePath ?? null;
  if (profilePath === undefined) this.out.note("No profile yet: checked what a first start uses.");
  if (loaded.ok) {
    const { revision, files } = loaded;
    const data = { valid: true, revision, profile, services, files: files.length, problems: [] };
    const { problems: _, ...fields } = data;
    return this.out.card({ kind: "config.validate", data, fields });
  }
  const problems = loaded.diagnostics;
  this.out.report({
    kind: "config.validate",
    data: { valid: false, profile, services, problems },
    views: [textView(problems.map(formatDiagnostic).join("\n"))],
  });
  this.out.note(`${problems.length} ${problems.length === 1 ? "problem" : "problems"}`);
  this.setExit(EXIT.invalid);
}
