import { group, type Route } from "../verb.ts";
import { ban } from "./ban/mod.ts";
import { config } from "./config/mod.ts";
import { governance } from "./governance/mod.ts";
import { oauth } from "./oauth/mod.ts";
import { setup } from "./setup/mod.ts";
import { session } from "./session/mod.ts";
import { users } from "./users/mod.ts";

export const admin: Route = group("Who and what may act: users, sessions, configuration", {
  users,
  session,
  oauth,
  ban,
  setup,
  config,
  governance,
});
