import { demoteUser } from "../../../../identity/mod.ts";
import { roleVerb } from "./role_verb.ts";

export default roleVerb(
  "users.role.demote",
  (identity, actor, id) => demoteUser(identity, actor, id),
  ({ name }) => `${name} is no administrator now`,
);
