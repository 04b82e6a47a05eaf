import type {
  GrantAnswer,
  GrantRequest,
  PublicJwk,
  RegistrationRequest,
} from "../../../egress/mod.ts";
import type { AppError } from "../../../kernel/errors.ts";
import type {
  GetClient,
  InteractionService,
  OAuthConfig,
  RateWindow,
  ResourceAuthentication,
  Servers,
} from "../../../oauth/mod.ts";

/** What the authorization server's endpoints need of the gateway around them. */
export interface OAuthDependencies {
  /** The issuer: our base as the caller addressed it; undefined for a host that is not ours. */
  issuerOf(request: Request): string | undefined;
  servers(): Servers;
  config(): OAuthConfig;
  readonly getClient: GetClient;
  readonly interactions: InteractionService;
  /** A page that tells a person what went wrong. */
  problemPage(error: AppError): Promise<Response>;
  /** Egress: verifies clients and their grants. */
  grant(request: GrantRequest): Promise<GrantAnswer>;
  register(request: RegistrationRequest): Promise<GrantAnswer>;
  jwks(): Promise<readonly PublicJwk[]>;
  authenticate(
    token: string | undefined,
    resource: string,
    address: string,
  ): Promise<ResourceAuthentication>;
  /** What the scopes let a client know of a person; undefined when they may not hold tokens. */
  findPerson(
    userId: string,
    scopes: readonly string[],
  ): Promise<Readonly<Record<string, string>> | undefined>;
  /** Whether nobody is let in from an address. Rejects when that cannot be found out. */
  isBanned(address: string): Promise<boolean>;
  /** Requests by client address and minute. */
  readonly rates: {
    readonly grants: RateWindow;
    readonly pages: RateWindow;
    readonly registrations: RateWindow;
  };
}
