import { promoteUser } from "../../../../identity/mod.ts";
import { roleVerb } from "./role_verb.ts";

export default roleVerb(
  "users.role.promote",
  (identity, actor, id) => promoteUser(identity, actor, id),
  ({ name }) => `${name} is an administrator now`,
);
