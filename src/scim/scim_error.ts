/** What a request can be wrong about (RFC 7644 §3.12). */
export type ScimType =
  | "invalidFilter"
  | "tooMany"
  | "uniqueness"
  | "mutability"
  | "invalidSyntax"
  | "invalidPath"
  | "noTarget"
  | "invalidValue";

/** A request that is refused: the status and the words of the answer. */
export class ScimError extends Error {
  override readonly name = "ScimError";

  constructor(readonly status: number, message: string, readonly scimType?: ScimType) {
    super(message);
  }
}

/** A filter that cannot be followed. */
export function badFilter(message: string): ScimError {
  return new ScimError(400, message, "invalidFilter");
}
