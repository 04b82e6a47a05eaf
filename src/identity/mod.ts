export { findAnswered, forgetAnswers, keepAnswer, type OnceKey, takeKey } from "./answer_store.ts";
export { type AddressBanOptions, AddressBans } from "./address_bans.ts";
export { addBan, findBansOf, removeBan } from "./bans.ts";
export {
  type Ban,
  type BanFilter,
  type BanKind,
  type BanSubject,
  deleteExpiredBans,
  findBans,
  listBans,
} from "./ban_store.ts";
export {
  type ApiKeyRequest,
  createApiKey,
  getApiKey,
  KEY_TTL_MS,
  type MadeApiKey,
  revokeApiKey,
  rotateApiKey,
} from "./api_keys.ts";
export { type ApiKey, type ApiKeyFilter, countApiKeys, listApiKeys } from "./api_key_store.ts";
export { isApiKey } from "./api_key_text.ts";
export { findKeyHolder } from "./api_key_check.ts";
export {
  createDepartment,
  deleteDepartment,
  type DepartmentChanges,
  getDepartment,
  type NewDepartment,
  updateDepartment,
} from "./departments.ts";
export {
  type Department,
  type DepartmentNode,
  listDepartments,
  lockDepartments,
} from "./department_store.ts";
export {
  changeMembers,
  createGroup,
  deleteGroup,
  getGroup,
  type GroupFields,
  type MemberChanges,
  updateGroup,
} from "./groups.ts";
export {
  countGroups,
  type Group,
  type GroupSummary,
  listGroups,
  listGroupsOf,
  listMembers,
  lockGroup,
} from "./group_store.ts";
export {
  createServiceAccount,
  getOwner,
  getServiceAccount,
  type NewServiceAccount,
} from "./service_accounts.ts";
export { type Anonymised, anonymiseUser } from "./anonymise.ts";
export { type Merged, mergeUsers } from "./merge.ts";
export { isGenuine, type PersonalDetail } from "./personal_details.ts";
export { findPersonalDetails } from "./personal_store.ts";
export type { Authenticated, AuthFailure, TokenHolder } from "./authenticated.ts";
export { readCookie, sessionCookieName, writeCookie } from "./browser_cookie.ts";
export {
  type BrowserOrigin,
  type BrowserSession,
  type BrowserUser,
  listBrowserSessions,
  type SignInMethod,
} from "./browser_session_store.ts";
export {
  browserActor,
  closeBrowserSession,
  findBrowserUser,
  IDLE_MS,
  openBrowserSession,
  type OpenedBrowserSession,
} from "./browser_sessions.ts";
export { Authenticator, type AuthenticatorOptions } from "./authenticator.ts";
export type { IdentityContext } from "./context.ts";
export {
  type Actor,
  IDENTITY_EVENTS,
  type IdentityEvent,
  identityEvent,
  type IdentityEventName,
  LOCAL_OPERATOR,
  type RecordEvents,
} from "./events.ts";
export { Gate } from "./gate.ts";
export { SessionUses } from "./session_uses.ts";
export { listenForRevocations, type RevocationListener, together } from "./listen.ts";
export { highestTier, mayActAs, refuseAbove, sortRoles } from "./roles.ts";
export { endSessions, getSession, MAX_TTL_MS, openSession } from "./sessions.ts";
export type { OpenedSession, SessionRequest, SignToken } from "./session_token.ts";
export type { EndReason } from "./session_events.ts";
export {
  countSessions,
  countUnused,
  insertSession,
  listSessions,
  type NewSession,
  type Session,
  type SessionAudience,
  type SessionFilter,
  type SessionSelector,
  type UsedSession,
} from "./session_store.ts";
export {
  type Audience,
  AUDIENCES,
  failure,
  MAX_TOKEN_LENGTH,
  screenToken,
  timeProblem,
  TOKEN_RULES,
  type TokenClaims,
  type TokenFailure,
  type TokenRule,
  type VerifyResult,
} from "./token_claims.ts";
export {
  createTokenVerifier,
  issueToken,
  LEEWAY_S,
  type TokenVerifier,
  type VerifierOptions,
} from "./tokens.ts";
export { formToken, isFormToken, TOKEN_FIELD } from "./form_token.ts";
export {
  type BrowserForm,
  createPeople,
  type FederatedSignIn,
  findSessionUser,
  type People,
  userOfForm,
} from "./people.ts";
export { forgetOverSignIns } from "./upkeep.ts";
export {
  assignRoles,
  deleteUser,
  deleteUsers,
  demoteUser,
  promoteUser,
  updateUser,
  updateUsers,
  type UserUpdate,
} from "./user_changes.ts";
export { checkEmail, type UserChanges } from "./user_rules.ts";
export {
  countUsers,
  countUsersBy,
  listUsers,
  listUsersAfter,
  readUserStats,
  type User,
  USER_STATUSES,
  type UserCounts,
  type UserFilter,
  type UserKind,
  type UserStats,
  type UserStatus,
} from "./user_store.ts";
export {
  findBan,
  type KeyPageFilter,
  pageApiKeys,
  pageBans,
  pageGroups,
  pageMembers,
  pageSessions,
  pageUsers,
  type SessionPageFilter,
  type UserPageFilter,
} from "./page_store.ts";
export {
  createUser,
  ensureOperator,
  getUser,
  getUserById,
  type NewUser,
  OPERATOR_ID,
} from "./users.ts";
export type { Standing } from "./standing_store.ts";
export {
  clearPassword,
  createPasswordHasher,
  findPasswordTime,
  MIN_PASSWORD_LENGTH,
  type PasswordHasher,
  type PasswordOwner,
  passwordProblem,
  setPassword,
} from "./passwords/mod.ts";
export {
  changeOwnPassword,
  createSignInLink,
  type FederatedProof,
  type Invitation,
  inviteUser,
  isRecent,
  MAX_INVITATION_TTL_MS,
  type PasswordChange,
  recordFailure,
  type SignInContext,
  type SignInLink,
  type SignInResult,
  type SignInRule,
  signInWithFederation,
  signInWithLink,
  signInWithPassword,
} from "./sign_in/mod.ts";
export {
  type AccountRule,
  type AccountTerms,
  type FederatedAccount,
  type FederatedPerson,
  findOrMakeOwner,
  type FoundOwner,
  insertPending,
  linkAccount,
  listAccounts,
  type PendingSignIn,
  takePending,
  unlinkAccount,
} from "./federation/mod.ts";
export {
  beginPasskeySignIn,
  beginRegistration,
  findPasskeyHost,
  finishRegistration,
  listPasskeys,
  type Passkey,
  type PasskeyHost,
  type Registration,
  removePasskey,
  signInWithPasskey,
} from "./passkeys/mod.ts";
