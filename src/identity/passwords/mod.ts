export { createPasswordHasher, type PasswordHasher } from "./hash.ts";
export { clearPassword, setPassword } from "./passwords.ts";
export { MIN_PASSWORD_LENGTH, type PasswordOwner, passwordProblem } from "./rules.ts";
export { findPassword, findPasswordTime, renewHash } from "./store.ts";
