import type {
  FederationResult,
  FederationReturn,
  FederationStart,
  FederationStarted,
} from "../egress/mod.ts";
import type { PasswordHasher, SignInContext } from "../identity/mod.ts";
import type { Interactions } from "../oauth/mod.ts";

/** What the pages need of what lies below them. */
export interface PageDependencies {
  readonly identity: SignInContext;
  readonly hasher: PasswordHasher;
  /** Authorizations that wait for a person. */
  readonly interactions: Interactions & DeviceCodes;
  readonly federation: Federation;
  /** Our own address as this request names it; undefined when it names another. */
  baseOf(request: Request): string | undefined;
  /** Whether nobody is let in from an address. */
  isBanned(address: string): Promise<boolean>;
  /** False when an address has had its share of challenges for now. */
  mayChallenge(address: string): boolean;
  /** Something broke that nobody was told of. */
  report(error: unknown): void;
}

/** Clients that run elsewhere and show a code. */
export interface DeviceCodes {
  /** A new interaction for the code, as typed; undefined when no device waits with it. */
  findDevice(userCode: string): Promise<string | undefined>;
}

/** An identity provider as people know it. */
export interface ProviderView {
  readonly name: string;
  readonly title: string;
}

/** Identity providers, and the isolate that checks what they answer. */
export interface Federation {
  list(): readonly ProviderView[];
  begin(start: FederationStart): Promise<FederationStarted>;
  finish(answer: FederationReturn): Promise<FederationResult>;
}
