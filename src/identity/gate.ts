import type { AddressBans } from "./address_bans.ts";
import { type Authenticated, type AuthFailure, authFailure } from "./authenticated.ts";
import type { Authenticator } from "./authenticator.ts";
import type { RevocationListener } from "./listen.ts";
import type { SessionUses } from "./session_uses.ts";
import { type Audience, failure } from "./token_claims.ts";

/**
 * Lets in who holds a token that counts and does not call from a banned address. Whatever takes calls asks
 * here. Wire it to the revocations.
 */
export class Gate implements RevocationListener {
  readonly #authenticator: Authenticator;
  readonly #bans: AddressBans;
  readonly #uses: SessionUses | undefined;

  /** `uses`: where it is noted that a session was used. */
  constructor(authenticator: Authenticator, bans: AddressBans, uses?: SessionUses) {
    this.#authenticator = authenticator;
    this.#bans = bans;
    this.#uses = uses;
  }

  /** The hot path: who was let in before and still may come, without waiting. */
  cached(
    token: string | undefined,
    audience: Audience,
    address: string,
  ): Authenticated | undefined {
    if (this.#bans.cached(address) !== false) return undefined;
    const who = this.#authenticator.cached(token, audience);
    if (who) this.#uses?.note(who.sessionId, address);
    return who;
  }

  /** Who comes in, or why nobody does. Never throws. `address`: the client's, behind trusted proxies. */
  async admit(
    token: string | undefined,
    audience: Audience,
    address: string,
  ): Promise<Authenticated | AuthFailure> {
    // First the holder: the row of a refused call names whose token came from there.
    const who = await this.#authenticator.authenticate(token, audience);
    if (!who.ok && who.kind === "unavailable") return who;
    try {
      if (await this.#bans.ask(address)) return refuse(who);
      if (who.ok) this.#uses?.note(who.sessionId, address);
      return who;
    } catch {
      return authFailure(failure("identity_unavailable"), holderOf(who), "unavailable");
    }
  }

  heard(subject: string): void {
    this.#authenticator.heard(subject);
    this.#bans.heard(subject);
  }

  listening(): void {
    this.#authenticator.listening();
    this.#bans.listening();
  }

  deaf(): void {
    this.#authenticator.deaf();
    this.#bans.deaf();
  }
}

function refuse(who: Authenticated | AuthFailure): AuthFailure {
  return authFailure({ rule: "banned", reason: "The client's address is banned" }, holderOf(who));
}

function holderOf(who: Authenticated | AuthFailure): AuthFailure["claims"] {
  return who.ok ? { sub: who.userId, sid: who.sessionId, client_id: who.clientId } : who.claims;
}
