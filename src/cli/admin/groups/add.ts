import { membersVerb } from "./members.ts";

export default membersVerb("add");
