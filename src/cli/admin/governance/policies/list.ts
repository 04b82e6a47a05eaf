import { loadPolicies } from "../../../../governance/mod.ts";
import type { CliContext } from "../../../context.ts";
import { getConfiguration, openable } from "../../config/load.ts";

export default async function list(this: CliContext): Promise<void> {
  const found = await getConfiguration(this);
  const { files, schema } = found.governance.policies;
  const loaded = await loadPolicies(files, schema);
  const policies = loaded.policies.map(({ id, effect, description, file, line, text }) => ({
    id,
    effect,
    description,
    file: openable(this, found, file),
    line,
    text,
  }));
  this.out.table({
    kind: "governance.policies",
    rows: policies,
    columns: [
      { label: "ID", of: ({ id }) => id, keep: true },
      "effect",
      { label: "PLACE", of: ({ file, line }) => `${file}:${line}`, keep: true },
      "description",
    ],
    data: { revision: found.revision, policies, total: policies.length },
    empty: "No policy: the stage decides nothing.",
  });
}
