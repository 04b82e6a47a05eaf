import type {
  FederationMethods,
  FederationResult,
  FederationReturn,
  FederationRule,
  FederationStart,
  FederationStarted,
} from "../egress/mod.ts";
import {
  type FederatedPerson,
  findOrMakeOwner,
  type FoundOwner,
  type IdentityContext,
  insertPending,
  linkAccount,
  type PendingSignIn,
  takePending,
} from "../identity/mod.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { hashOpaque, isOpaque, newOpaque } from "../kernel/opaque.ts";
import type { SecretBytes, Vault } from "../vault/mod.ts";
import { authorizationUrl } from "./authorization_url.ts";
import { type IdentityConfig, type ProviderConfig, secretServerOf } from "./config/mod.ts";
import { createProviderSource, type OpenProvider, type Provider } from "./provider.ts";
import { redeem } from "./redeem.ts";

export interface FederationOptions {
  readonly identity: IdentityContext;
  readonly vault: Vault;
  readonly log: Log;
  readonly config: () => IdentityConfig;
}

/** Milliseconds to sign in at the provider in. */
const PENDING_MS = 600_000;
/** Milliseconds that all requests of one step may take together. */
const STEP_MS = 9000;
const MAX_DESTINATION = 500;

/** A client of the identity providers of the configuration. Their answers are checked here and nowhere else. */
export function createFederation(options: FederationOptions): FederationMethods {
  const open = createProviderSource(options.identity.clock);
  return {
    beginFederation: (start) => begin(options, open, start),
    finishFederation: (answer) => finish(options, open, answer),
  };
}

async function begin(
  options: FederationOptions,
  open: OpenProvider,
  start: FederationStart,
): Promise<FederationStarted> {
  const config = findProvider(options, start.provider);
  if (!config || start.destination.length > MAX_DESTINATION) {
    return { ok: false, rule: "unknown_provider" };
  }
  const redirectUri = `${start.base}/sign-in/with/${config.name}`;
  const [state, nonce, verifier] = [newOpaque(), newOpaque(), newOpaque()];
  const { holder, fresh, destination, userId = null } = start;
  try {
    const provider = await open(config, AbortSignal.timeout(STEP_MS));
    const terms = { redirectUri, state, nonce, verifier, fresh };
    const url = await authorizationUrl(provider, terms);
    const pending = { provider: config.name, holder, redirectUri, nonce, verifier, fresh };
    const row: PendingSignIn = { ...pending, userId, destination };
    await insertPending(options.identity.sql, hashOpaque(state), row, PENDING_MS);
    return { ok: true, url };
  } catch (error) {
    report(options, config, "Nobody can be sent to an identity provider", error);
    return { ok: false, rule: "provider_unreachable" };
  }
}

async function finish(
  options: FederationOptions,
  open: OpenProvider,
  answer: FederationReturn,
): Promise<FederationResult> {
  const parameters = new URLSearchParams(answer.parameters.map(([name, value]) => [name, value]));
  const [state, ...others] = parameters.getAll("state");
  if (!isOpaque(state) || others.length > 0) return { ok: false, rule: "unknown_state" };
  const pending = await takePending(options.identity.sql, hashOpaque(state), answer);
  if (!pending) return { ok: false, rule: "unknown_state" };
  const { destination } = pending;
  const config = findProvider(options, pending.provider);
  if (!config) return { ok: false, rule: "unknown_provider", destination };
  const proven = await prove(options, open, config, { pending, state, parameters });
  if (!proven.ok) return { ...proven, destination };
  const owner = await ownerOf(options, config, proven.person, pending.userId);
  return owner.ok
    ? { ...owner, linked: pending.userId !== null, destination }
    : { ...owner, destination };
}

type Proven =
  | { readonly ok: true; readonly person: FederatedPerson }
  | { readonly ok: false; readonly rule: FederationRule };

async function prove(
  options: FederationOptions,
  open: OpenProvider,
  config: ProviderConfig,
  answer: Parameters<typeof redeem>[2],
): Promise<Proven> {
  let provider: Provider | undefined;
  let secret: SecretBytes | undefined;
  try {
    provider = await open(config, AbortSignal.timeout(STEP_MS));
    secret = await findSecret(options.vault, config);
    return await redeem(provider, secret, answer);
  } catch (error) {
    const rule = ruleOf(provider, error);
    // A person who changed their mind is no trouble.
    if (rule !== "provider_refused") {
      report(options, config, "An identity provider's answer is refused", error);
    }
    return { ok: false, rule };
  } finally {
    secret?.wipe();
  }
}

async function findSecret(vault: Vault, config: ProviderConfig): Promise<SecretBytes | undefined> {
  const { client_secret: name } = config;
  if (name === undefined) return undefined;
  const server = secretServerOf(config);
  const secret = await vault.resolve(name, server, "", undefined);
  if (secret) return secret;
  throw new AppError("invalid", `Provider "${config.name}" needs the secret "${name}"`, {
    hint: `Set it with "spgov cloud secrets set ${name} --server ${server}".`,
  });
}

function ruleOf(provider: Provider | undefined, error: unknown): FederationRule {
  if (!provider) return "provider_unreachable";
  const { library } = provider;
  if (error instanceof library.AuthorizationResponseError) return "provider_refused";
  const isProtocol = error instanceof library.OperationProcessingError ||
    error instanceof library.ResponseBodyError ||
    error instanceof library.UnsupportedOperationError ||
    error instanceof library.WWWAuthenticateChallengeError;
  return isProtocol ? "wrong_response" : "provider_unreachable";
}

async function ownerOf(
  options: FederationOptions,
  config: ProviderConfig,
  person: FederatedPerson,
  userId: string | null,
): Promise<FoundOwner> {
  const { identity } = options;
  if (userId !== null) return await linkAccount(identity, person, userId);
  try {
    return await findOrMakeOwner(identity, person, {
      emailDomains: config.email_domains,
      linkByEmail: config.link_by_email,
      create: config.create,
      roles: config.roles,
      department: config.department,
    });
  } catch (error) {
    // A department that is not there, a name that no user may have: for the operator to see to.
    if (!(error instanceof AppError) || error.code !== "invalid") throw error;
    report(options, config, "Somebody cannot be made a user", error);
    return { ok: false, rule: "unknown_account" };
  }
}

function findProvider({ config }: FederationOptions, name: string): ProviderConfig | undefined {
  return config().providers.find((provider) => provider.name === name);
}

/** For the operator: what a provider answers is not for whoever signs in. */
function report(
  { log }: FederationOptions,
  { name }: ProviderConfig,
  text: string,
  error: unknown,
) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  log.warn(text, {
    provider: name,
    cause: messageOf(error),
    ...cause && { because: messageOf(cause) },
    ...error instanceof AppError && error.hint !== undefined && { hint: error.hint },
  });
}
