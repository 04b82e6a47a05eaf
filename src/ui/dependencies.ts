import type { IdentityContext, People } from "../identity/mod.ts";
import type { Interactions } from "../oauth/mod.ts";

/** What the pages need of what lies below them. */
export interface PageDependencies {
  readonly identity: IdentityContext;
  /** Signs people in and changes their credentials, where that may be written. */
  readonly people: People;
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

/** The identity providers. */
export interface Federation {
  list(): readonly ProviderView[];
}
