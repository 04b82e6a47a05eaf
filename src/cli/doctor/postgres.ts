import { join } from "node:path";
import { type Check, fail, ok } from "./check.ts";
import { databaseFolder } from "./home.ts";
import { findProfile } from "../profile.ts";

/** The embedded server's files; whether it answers is the next check. */
export const postgres: Check = {
  name: "postgres-files",
  async run(context) {
    const profile = await findProfile(context).catch(() => undefined);
    if (context.env.DATABASE_URL || profile?.database.url) return ok("An external server is used");
    const base = await databaseFolder(context.home);
    if (base === undefined) return ok('None yet; "spgov start" makes them');
    const data = join(base, "data");
    const version = await Deno.readTextFile(join(data, "PG_VERSION")).catch((error) => {
      if (error instanceof Deno.errors.PermissionDenied) return undefined;
      return "";
    });
    if (version === undefined) return ok(`${data} (closed to this user, as it should be)`);
    if (version === "") {
      return fail(`There is no database in "${data}"`, "Restore it from a backup.");
    }
    return ok(`${data}, PostgreSQL ${version.trim()}`);
  },
};
