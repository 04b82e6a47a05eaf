import { stringify } from "yaml";
import type { CliContext } from "../../context.ts";
import { getConfiguration } from "./load.ts";
import type { Section } from "./mod.ts";

/** What people see unless they name a section: the long ones only on demand. */
const SHORT: readonly Section[] = ["profile", "hooks", "limits", "agents"];

export default async function show(
  this: CliContext,
  _: object,
  section: Section | undefined,
): Promise<void> {
  const { revision, profile, governance } = await getConfiguration(this);
  const { policies, ...rest } = governance;
  const all: Readonly<Record<Section, unknown>> = {
    profile: withoutPasswords(profile),
    ...rest,
    policies: { files: policies.files, schema: policies.schema ?? null },
  };
  const shown = section === undefined ? SHORT : [section];
  const text = stringify(Object.fromEntries(shown.map((name) => [name, all[name]])));
  const data = section === undefined ? { revision, ...all } : { revision, [section]: all[section] };
  this.out.text({ kind: "config.show", text: `revision: ${revision}\n${text}`, data });
  if (section === undefined) {
    const left = Object.keys(all).filter((name) => !SHORT.includes(name as Section));
    this.out.note(`Also: spgov admin config show ${left.join("|")}`);
  }
}

/** The environment as it is, with `***` for the password of a database URL. */
function withoutPasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPasswords);
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, withoutPasswords(item)]);
    return Object.fromEntries(entries);
  }
  return typeof value === "string" ? withoutPassword(value) : value;
}

function withoutPassword(text: string): string {
  return text.replace(/^(postgres(?:ql)?:\/\/[^:@/]*:).*@/i, "$1***@")
    .replace(/([?&](?:password|sslpassword)=)[^&]*/gi, "$1***");
}
