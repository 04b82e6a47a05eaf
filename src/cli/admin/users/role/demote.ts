import { demoteUser, LOCAL_OPERATOR } from "../../../../identity/mod.ts";
import { roleVerb } from "./role_verb.ts";

export default roleVerb(
  "users.role.demote",
  (identity, id) => demoteUser(identity, LOCAL_OPERATOR, id),
  ({ name }) => `${name} is no administrator now`,
);
