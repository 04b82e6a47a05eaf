export { highestTier, isTier, mayActAs, sortRoles, type Tier, TIERS } from "./roles.ts";
export {
  type Audience,
  AUDIENCES,
  MAX_TOKEN_LENGTH,
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
