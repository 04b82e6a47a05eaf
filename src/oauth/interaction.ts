import type { BrowserForm } from "../identity/mod.ts";

/** An authorization that waits for a person: what the pages show. */
export interface Interaction {
  /** `device`: the client runs elsewhere and shows `userCode`. */
  readonly kind: "code" | "device";
  readonly client: {
    readonly id: string;
    /** As the client calls itself: unproven unless `kind` is `registered`. Escape it. */
    readonly name: string;
    /** Registered by an operator, described by a document at its id, or registered by itself. */
    readonly kind: "registered" | "document" | "dynamic";
    readonly uri: string | undefined;
  };
  /** Where the answer goes: the host of the redirect URI, or `this computer`, or the scheme of an app. */
  readonly returnsTo: string;
  /** The URL of the server, and its name. */
  readonly resource: string;
  readonly server: string;
  /** What is asked for, in order. */
  readonly scopes: readonly string[];
  readonly userCode: string | undefined;
  /** Whether a consent to it is remembered: the client is known by the address that is answered. */
  readonly remembers: boolean;
  /** Whether a sign-in from before it may not count. */
  readonly asksSignIn: boolean;
  readonly expiresAt: Date;
}

/** What a person decided. */
export interface ConsentDecision {
  readonly allow: boolean;
  /** What is granted: others than those asked for are ignored. All that was asked for unless given. */
  readonly scopes?: readonly string[];
  /** Not to be remembered: the person wants to be asked again. */
  readonly once?: boolean;
}

/** Authorizations under way. An id is good for ten minutes and one answer. */
export interface Interactions {
  /** Undefined when there is none, or no more. */
  find(id: string): Promise<Interaction | undefined>;
  /**
   * Where the browser has to go: `/sign-in?interaction=…` as long as nobody (or nobody recent enough) is
   * signed in, `/consent?interaction=…` for a decision, or back to the client when this person decided
   * before. Go there after a sign-in. `session`: what the browser's cookie holds. Throws `not_found`.
   */
  next(id: string, session: string | undefined): Promise<string>;
  /** Settles it, once, and answers the URL to send the browser to. Throws `not_found`, `forbidden`. */
  complete(id: string, form: BrowserForm, decision: ConsentDecision): Promise<string>;
}
