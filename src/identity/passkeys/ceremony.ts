/** What WebAuthn takes. Loaded with the first passkey only: it costs memory that most processes never need. */
export {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
export { readAssertion, readRegistration } from "./response.ts";
