import { group, type Route } from "../verb.ts";
import { ban } from "./ban/mod.ts";
import { config } from "./config/mod.ts";
import { governance } from "./governance/mod.ts";
import { oauth } from "./oauth/mod.ts";
import { departments } from "./departments/mod.ts";
import { groups } from "./groups/mod.ts";
import { keys } from "./keys/mod.ts";
import { roles } from "./roles/mod.ts";
import { serviceAccounts } from "./service_accounts/mod.ts";
import { setup } from "./setup/mod.ts";
import { session } from "./session/mod.ts";
import { users } from "./users/mod.ts";

export const admin: Route = group("Who and what may act: users, sessions, configuration", {
  users,
  departments,
  groups,
  serviceAccounts,
  roles,
  session,
  keys,
  oauth,
  ban,
  setup,
  config,
  governance,
});
