export { deleteExpiredChallenges } from "./challenge_store.ts";
export { findPasskeyHost, type PasskeyHost } from "./host.ts";
export {
  beginRegistration,
  finishRegistration,
  type Registration,
  removePasskey,
} from "./register.ts";
export { beginPasskeySignIn, type PasskeySignIn, signInWithPasskey } from "./sign_in.ts";
export { listPasskeys, type Passkey } from "./store.ts";
