/**
 * What a gateway may ask of egress. There is no message that answers with a credential or a key: the
 * isolate that holds a model's context cannot ask for one.
 */
export interface EgressMethods<Verified> {
  /** Verifies a token's signature and claims for one audience. */
  verifyToken(token: string, audience: string): Promise<Verified>;
}
