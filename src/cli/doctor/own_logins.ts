import { mayMakeLogins } from "../../db/mod.ts";
import { openDatabase } from "../database.ts";
import { findProfile } from "../profile.ts";
import { type Check, ok, warn } from "./check.ts";

/** Whether gateways and egress reach an external database by logins that cannot become its owner. */
export const ownLogins: Check = {
  name: "own-logins",
  async run(context) {
    const profile = await findProfile(context).catch(() => undefined);
    if (!context.env.DATABASE_URL && !profile?.database.url) {
      return ok("The embedded database has one for each isolate");
    }
    if (profile?.database.serving_url && profile.database.vault_url) {
      return ok("Gateways and egress use the logins of the profile");
    }
    const { sql } = await openDatabase(context, { statementTimeoutMs: 5000 });
    if (await mayMakeLogins(sql)) {
      return ok("Each start makes logins for the gateways and egress of this home");
    }
    return warn(
      "Gateways and egress use the owner's login under SET ROLE, which code in them could undo",
      "Let the owner create roles (alter role … createrole), or name logins in the profile: " +
        "database.serving_url and database.vault_url.",
    );
  },
};
