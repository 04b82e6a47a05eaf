import { OAuthError } from "./oauth_error.ts";

/** Parameters of a request, in their order. */
export type Parameters = readonly (readonly [name: string, value: string])[];

const MAX_PARAMETERS = 50;
const MAX_VALUE = 8192;

/** The one value of a parameter; undefined when absent or empty. Throws `invalid_request` for two. */
export function one(parameters: Parameters, name: string): string | undefined {
  const [value, ...more] = many(parameters, name);
  if (more.length > 0) throw new OAuthError("invalid_request", `"${name}" is there twice`);
  return value;
}

/** The one value of a parameter that has to be there. Throws `invalid_request`. */
export function required(parameters: Parameters, name: string): string {
  const value = one(parameters, name);
  if (value !== undefined) return value;
  throw new OAuthError("invalid_request", `"${name}" is missing`);
}

/** All values of a parameter that may repeat; empty ones count as absent (RFC 6749). */
export function many(parameters: Parameters, name: string): string[] {
  return parameters.flatMap(([key, value]) => key === name && value !== "" ? [value] : []);
}

/** Throws `invalid_request` for more, or longer ones, than any client needs, and for broken text. */
export function checkParameters(parameters: Parameters): void {
  const sound = parameters.length <= MAX_PARAMETERS &&
    parameters.every(([name, value]) =>
      value.length <= MAX_VALUE && name.length <= 64 && !value.includes("\0") &&
      value.isWellFormed()
    );
  if (!sound) throw new OAuthError("invalid_request", "The parameters are too many or malformed");
}
