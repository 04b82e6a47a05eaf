import { listSecretRules } from "../../../../governance/mod.ts";
import type { CliContext } from "../../../context.ts";
import { getConfiguration } from "../../config/load.ts";

interface Flags {
  readonly provider?: string;
}

export default async function list(this: CliContext, { provider }: Flags): Promise<void> {
  const { governance, revision } = await getConfiguration(this);
  const kinds = listSecretRules(governance.secrets)
    .map(({ id, category, description, source, enabled }) => ({
      kind: id.slice("secrets.".length),
      provider: category,
      description,
      source,
      enabled,
    }))
    .filter((kind) => provider === undefined || matches(kind.provider, provider));
  const providers = new Set(kinds.map((kind) => kind.provider)).size;
  this.out.table({
    kind: "governance.secrets",
    rows: kinds,
    columns: [
      { label: "KIND", of: ({ kind }) => kind, keep: true },
      "provider",
      "enabled",
      "source",
      "description",
    ],
    data: { revision, kinds, total: kinds.length, providers },
    empty: "No kind of this provider.",
  });
  this.out.note(`${kinds.length} kinds of ${providers} providers`);
}

function matches(provider: string, wanted: string): boolean {
  return provider.toLowerCase().includes(wanted.toLowerCase());
}
