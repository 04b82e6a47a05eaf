import { listLevelChanges } from "../../../logs/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { findProfile } from "../../profile.ts";

/** A level and where it comes from. */
interface LevelRow {
  readonly module: string;
  readonly level: string;
  readonly source: "profile" | "set";
  readonly set_by?: string;
  readonly until?: string;
}

export default async function list(this: CliContext): Promise<void> {
  const { sql } = await openDatabase(this);
  const log = (await findProfile(this))?.log;
  const configured: LevelRow[] = [
    { module: "*", level: log?.level ?? "info", source: "profile" },
    ...Object.entries(log?.modules ?? {}).map(([module, level]): LevelRow => ({
      module,
      level,
      source: "profile",
    })),
  ];
  const changes = (await listLevelChanges(sql)).map((change): LevelRow => ({
    module: change.module,
    level: change.level,
    source: "set",
    set_by: change.setBy,
    ...change.until && { until: change.until.toISOString() },
  }));
  const changed = new Set(changes.map(({ module }) => module));
  const rows = [...changes, ...configured.filter(({ module }) => !changed.has(module))]
    .sort((a, b) => a.module < b.module ? -1 : 1);
  this.out.table({
    kind: "logs.levels",
    columns: [
      { label: "MODULE", of: (row) => row.module, keep: true },
      { label: "LEVEL", of: (row) => row.level },
      { label: "FROM", of: (row) => row.source === "set" ? `set by ${row.set_by}` : "profile" },
      { label: "UNTIL", of: (row) => row.until ?? "" },
    ],
    rows,
    data: { levels: rows },
  });
}
