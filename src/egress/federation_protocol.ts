/** A sign-in at an identity provider, as a page asks for it. */
export interface FederationStart {
  /** Name of the provider in `services/identity/config.yaml`. */
  readonly provider: string;
  /** Our own address as the browser knows it, without a slash at the end. */
  readonly base: string;
  /** SHA-256 of what only this browser and we know. */
  readonly holder: Uint8Array;
  /** Where it leads, as the pages carry it; comes back as it is. */
  readonly destination: string;
  /** Whether a proof from before does not count: the provider has to ask anew. */
  readonly fresh: boolean;
  /** Whose account the provider's is to be connected to; undefined for signing in. */
  readonly userId: string | undefined;
}

/** Where the browser goes to sign in, or why there is no such place. */
export type FederationStarted =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly rule: FederationRule };

/** What the provider sent the browser back with. */
export interface FederationReturn {
  readonly provider: string;
  readonly holder: Uint8Array;
  /** Parameters of the address, in their order; names may repeat. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** Why nobody was signed in by a provider. */
export type FederationRule =
  /** Nothing was begun with this state in this browser, or it was answered before, or is too old. */
  | "unknown_state"
  | "unknown_provider"
  /** The provider, or the person there, said no. */
  | "provider_refused"
  | "provider_unreachable"
  /** What came back is not what this provider may answer here: signature, issuer, audience, nonce, times. */
  | "wrong_response"
  /** The proof is from before the sign-in began. */
  | "stale_proof"
  /** Nobody here has this account, and the configuration makes nobody of it. */
  | "unknown_account"
  | "email_unverified"
  /** Somebody else here has the email. */
  | "email_taken"
  /** The account belongs to somebody else here. */
  | "account_taken";

/** Who came back, or why nobody did. `destination` as it was given, wherever something had been begun. */
export type FederationResult =
  | {
    readonly ok: true;
    readonly userId: string;
    /** Whether an account was connected to a user who was signed in already. */
    readonly linked: boolean;
    readonly destination: string;
  }
  | {
    readonly ok: false;
    readonly rule: FederationRule;
    readonly userId?: string;
    readonly destination?: string;
  };

/** The client of identity providers. */
export interface FederationMethods {
  /** Begins a sign-in at a provider. Never rejects for what a provider may answer. */
  beginFederation(start: FederationStart): Promise<FederationStarted>;
  /** Redeems what a provider answered, checks whom it speaks of, and finds or makes the user. */
  finishFederation(answer: FederationReturn): Promise<FederationResult>;
}
