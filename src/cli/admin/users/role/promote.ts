import { LOCAL_OPERATOR, promoteUser } from "../../../../identity/mod.ts";
import { roleVerb } from "./role_verb.ts";

export default roleVerb(
  "users.role.promote",
  (identity, id) => promoteUser(identity, LOCAL_OPERATOR, id),
  ({ name }) => `${name} is an administrator now`,
);
