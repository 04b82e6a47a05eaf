import type { CallProof } from "../egress/mod.ts";
import type { JsonRpcMessage } from "./transport.ts";

/** Whose a line is, as egress itself found out. */
export interface LineHolder {
  readonly userId: string;
  readonly department: string | undefined;
  /** What ends with it; undefined where nobody in particular calls. */
  readonly sessionId: string | undefined;
}

/** A message to a server that runs nothing without a decision: as it may go on, or why it may not. */
export type Authorized =
  | { readonly ok: true; readonly message: JsonRpcMessage }
  | { readonly ok: false; readonly reason: string };

/**
 * Who may have a line, and what may go over it. Gateways say what they like: nothing of it counts that was not
 * verified here.
 */
export interface LineGate {
  /** Whose a token is that is good at this server now. Rejects with `forbidden`, or `unavailable`. */
  admit(server: string, token: string | undefined): Promise<LineHolder>;
  /** Those of the holders who would not be admitted as they were. Rejects where that cannot be found out. */
  listEnded(holders: readonly LineHolder[]): Promise<readonly LineHolder[]>;
  /** For servers with `needsDecision`. Never rejects. */
  authorize(
    server: string,
    message: JsonRpcMessage,
    proof: CallProof | undefined,
  ): Promise<Authorized>;
}

/** What many share is nobody's: it gets no user's secrets. */
export const NOBODY: LineHolder = { userId: "", department: undefined, sessionId: undefined };
