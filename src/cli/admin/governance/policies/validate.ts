import { join, resolve } from "node:path";
import { loadPolicies } from "../../../../governance/mod.ts";
import { AppError, messageOf } from "../../../../kernel/errors.ts";
import type { CliContext } from "../../../context.ts";
import { EXIT } from "../../../exit.ts";
import { textView } from "../../../output/view.ts";
import { formatDiagnostic } from "../../../profile.ts";
import { findConfiguration, openable } from "../../config/load.ts";

interface Source {
  readonly file: string;
  readonly text: string;
}

const SCHEMA = "schema.cedarschema";

export default async function validate(
  this: CliContext,
  _: object,
  folder: string | undefined,
): Promise<void> {
  const at = folder === undefined ? await policyFolder(this) : resolve(this.cwd, folder);
  const files = await readSources(this, at, folder !== undefined);
  const policies = files.filter(({ file }) => file.endsWith(".cedar"));
  const schema = files.find(({ file }) => file.endsWith(SCHEMA));
  const loaded = await loadPolicies(policies, schema);
  const problems = loaded.problems.map((problem) => ({ ...problem, path: "" }));
  const data = {
    valid: problems.length === 0,
    folder: at,
    files: policies.length,
    policies: loaded.policies.length,
    schema: schema?.file ?? null,
    problems: loaded.problems,
  };
  if (!schema) this.out.warn(`There is no ${SCHEMA}: types and names were not checked`);
  if (data.valid) {
    const { problems: _none, ...fields } = data;
    return this.out.card({ kind: "governance.policies.validate", data, fields });
  }
  const text = problems.map(formatDiagnostic).join("\n");
  this.out.report({ kind: "governance.policies.validate", data, views: [textView(text)] });
  this.setExit(EXIT.invalid);
}

async function policyFolder(context: CliContext): Promise<string> {
  return join((await findConfiguration(context)).services, "governance", "policies");
}

/** Without policies there is no folder, which is nothing wrong unless it was named. */
async function readSources(
  context: CliContext,
  folder: string,
  named: boolean,
): Promise<readonly Source[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".cedar") || name === SCHEMA) names.push(name);
    }
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound && !named) return [];
    throw new AppError("not_found", `Cannot read "${folder}": ${messageOf(cause)}`, { cause });
  }
  return await Promise.all(
    names.sort().map(async (name) => {
      const path = join(folder, name);
      return {
        file: openable(context, { services: "" }, path),
        text: await Deno.readTextFile(path),
      };
    }),
  );
}
