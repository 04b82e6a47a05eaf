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

/** A request that is answered with an error in the protocol's form. The description is for developers. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";

  constructor(readonly code: OAuthErrorCode, description: string) {
    super(description);
  }

  /** The HTTP status of the answer. */
  get status(): number {
    switch (this.code) {
      case "invalid_client":
      case "invalid_token":
        return 401;
      case "insufficient_scope":
        return 403;
      case "temporarily_unavailable":
        return 503;
      case "server_error":
        return 500;
      default:
        return 400;
    }
  }
}
