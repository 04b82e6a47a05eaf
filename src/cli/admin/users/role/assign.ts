import { assignRoles, LOCAL_OPERATOR } from "../../../../identity/mod.ts";
import type { RolesFlag } from "../flags.ts";
import { roleVerb } from "./role_verb.ts";

export default roleVerb<RolesFlag>(
  "users.role.assign",
  (identity, id, { roles }) => assignRoles(identity, LOCAL_OPERATOR, id, roles),
  ({ name, roles }) => `${name} holds ${roles.join(", ")} now`,
);
