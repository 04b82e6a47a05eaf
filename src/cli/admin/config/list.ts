import { join } from "node:path";
import type { CliContext } from "../../context.ts";
import { formatBytes } from "../../output/cell.ts";
import { getConfiguration, openable } from "./load.ts";

export default async function list(this: CliContext): Promise<void> {
  const found = await getConfiguration(this);
  const [profile, ...services] = found.files;
  const files = await Promise.all([
    ...found.profilePath === undefined ? [] : [describe("profile", profile ?? "")],
    ...services.map((name) => describe(name, join(found.services, name))),
  ]);
  this.out.table({
    kind: "config.list",
    rows: files,
    columns: ["name", { label: "SIZE", of: ({ bytes }) => formatBytes(bytes), align: "right" }, {
      label: "PATH",
      of: ({ path }) => openable(this, found, path),
      keep: true,
    }],
    data: { revision: found.revision, files, total: files.length },
  });
  this.out.note(`Revision ${found.revision}`);
}

async function describe(
  name: string,
  path: string,
): Promise<{ readonly name: string; readonly path: string; readonly bytes: number }> {
  const { size } = await Deno.stat(path);
  return { name, path, bytes: size };
}
