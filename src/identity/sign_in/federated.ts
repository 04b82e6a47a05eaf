import type { BrowserOrigin } from "../browser_session_store.ts";
import { getUser } from "../users.ts";
import { signIn, type SignInContext, type SignInResult, type SignInRule } from "./sign_in.ts";

/** What became of a sign-in at a provider, as the isolate that checks its answers says. */
export type FederatedProof =
  | { readonly ok: true; readonly userId: string }
  | { readonly ok: false; readonly rule: SignInRule; readonly userId?: string };

/** Signs in whom an identity provider vouches for. */
export async function signInWithFederation(
  context: SignInContext,
  proof: FederatedProof,
  origin: BrowserOrigin,
): Promise<SignInResult> {
  return await signIn(
    context,
    "federation",
    undefined,
    origin,
    async () => proof.ok ? { ok: true, user: await getUser(context.sql, proof.userId) } : proof,
  );
}
