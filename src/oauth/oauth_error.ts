/** Error codes of RFC 6749, 6750, 7009, 7591, 8628, 8707 and OpenID Connect Core. */
export type OAuthErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "invalid_target"
  | "invalid_token"
  | "insufficient_scope"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "unsupported_token_type"
  | "access_denied"
  | "login_required"
  | "consent_required"
  | "interaction_required"
  | "request_not_supported"
  | "request_uri_not_supported"
  | "invalid_redirect_uri"
  | "invalid_client_metadata"
  | "authorization_pending"
  | "slow_down"
  | "expired_token"
  | "temporarily_unavailable"
  | "server_error";

/** Where it is not 400. */
const STATUS: Readonly<Partial<Record<OAuthErrorCode, number>>> = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
  temporarily_unavailable: 503,
  server_error: 500,
};

/** A request that is answered with an error in the protocol's form. The description is for developers. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";

  constructor(readonly code: OAuthErrorCode, description: string) {
    super(description);
  }

  /** The HTTP status of the answer. */
  get status(): number {
    return STATUS[this.code] ?? 400;
  }
}
