import { AppError } from "../../../kernel/errors.ts";
import { homeAt } from "../../../kernel/home.ts";
import { findService } from "../../../kernel/service_file.ts";
import type { PermissionView } from "../../above.ts";
import type { CliContext } from "../../context.ts";
import { reachDatabase } from "../../database.ts";
import { findConfiguration } from "../../admin/config/load.ts";

/** Permissions that no isolate is ever given. */
const NEVER = { ffi: [], sys: [], import: [] } as const;

export default async function permissions(this: CliContext): Promise<void> {
  const record = await findService(homeAt(this.home).serviceFile);
  // The lists name the database's address, which for an embedded one is known once it runs.
  if (!record) await reachDatabase(this);
  const { profilePath, services } = await findConfiguration(this);
  if (profilePath === undefined) {
    throw new AppError("not_found", `There is no profile in "${this.home}" yet`, {
      hint: 'Run "spgov start" or "spgov admin setup" first.',
    });
  }
  const lists = await this.above.listPermissions({
    home: this.home,
    profilePath,
    services,
    port: this.port ?? record?.port,
    databaseUrl: this.env.DATABASE_URL || undefined,
  });
  const isolates = Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, { ...list, ...NEVER }]),
  );
  this.out.table({
    kind: "services.permissions",
    rows: Object.entries(isolates).flatMap(([isolate, list]) => rowsOf(isolate, list)),
    columns: ["isolate", "permission", { label: "ONLY", of: ({ only }) => only, keep: true }],
    data: { running: record !== undefined, isolates },
  });
}

interface Row {
  readonly isolate: string;
  readonly permission: string;
  readonly only: string;
}

function rowsOf(isolate: string, list: PermissionView & typeof NEVER): Row[] {
  return (["net", "read", "write", "env", "run"] as const).flatMap((permission): Row[] => {
    const granted = list[permission].length === 0 ? ["nothing"] : list[permission];
    return granted.map((only) => ({ isolate, permission, only }));
  }).concat([{ isolate, permission: Object.keys(NEVER).join(" "), only: "nothing" }]);
}
