/** SCIM 2.0: a directory elsewhere looks after users and groups (RFC 7643, RFC 7644). */
export type { ScimContext } from "./context.ts";
export { answerScim, isReading, scimFailure } from "./scim.ts";
export { ScimError } from "./scim_error.ts";
