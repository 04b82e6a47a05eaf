export { type FederatedAccount, listAccounts } from "./account_store.ts";
export {
  type AccountRule,
  type AccountTerms,
  type FederatedPerson,
  findOrMakeOwner,
  type FoundOwner,
  linkAccount,
  unlinkAccount,
} from "./accounts.ts";
export {
  deleteExpiredPending,
  insertPending,
  type PendingSignIn,
  takePending,
} from "./pending_store.ts";
