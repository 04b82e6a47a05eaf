export { deleteOldAttempts } from "./attempt_store.ts";
export { type FederatedProof, signInWithFederation } from "./federated.ts";
export { deleteExpiredLinks } from "./link_store.ts";
export {
  type Invitation,
  INVITATION_TTL_MS,
  inviteUser,
  MAX_INVITATION_TTL_MS,
} from "./invitations.ts";
export { createSignInLink, LINK_TTL_MS, type SignInLink, signInWithLink } from "./links.ts";
export { changeOwnPassword, isRecent, type PasswordChange } from "./own_password.ts";
export {
  type Proof,
  recordFailure,
  signIn,
  type SignInContext,
  type SignInResult,
  type SignInRule,
  signInWithPassword,
} from "./sign_in.ts";
