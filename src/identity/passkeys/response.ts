import * as z from "zod";

/** Characters of the longest answer that is read. */
const MAX_LENGTH = 64 * 1024;

const text = z.string().regex(/^[A-Za-z0-9_-]*$/);
const credential = {
  id: text.min(1).max(1400),
  rawId: text.min(1),
  type: z.literal("public-key"),
  clientExtensionResults: z.looseObject({}).default({}),
};

const registration = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(32)).max(10).default([]),
  }),
});

const assertion = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: text.nullish(),
  }),
});

/** What a browser sends of a new passkey: `PublicKeyCredential.toJSON()` of WebAuthn 3. */
export type RegistrationResponse = z.output<typeof registration>;
/** What a browser sends of a passkey that signed. */
export type AssertionResponse = z.output<typeof assertion>;

/** The answer in a form's field; undefined when it is none. */
export function readRegistration(json: string): RegistrationResponse | undefined {
  return registration.safeParse(parse(json)).data;
}

/** The answer in a form's field; undefined when it is none. */
export function readAssertion(json: string): AssertionResponse | undefined {
  return assertion.safeParse(parse(json)).data;
}

function parse(json: string): unknown {
  if (json.length > MAX_LENGTH) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
