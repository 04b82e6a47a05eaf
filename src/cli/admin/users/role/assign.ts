import { assignRoles } from "../../../../identity/mod.ts";
import type { RolesFlag } from "../flags.ts";
import { roleVerb } from "./role_verb.ts";

export default roleVerb<RolesFlag>(
  "users.role.assign",
  (identity, actor, id, { roles }) => assignRoles(identity, actor, id, roles),
  ({ name, roles }) => `${name} holds ${roles.join(", ")} now`,
);
