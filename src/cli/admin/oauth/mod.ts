import type { AuthMethod, GrantType } from "../../../oauth/mod.ts";
import { YES } from "../../flags.ts";
import { parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";

/** Words of the protocol, checked against their types: a description must not load what the verb needs. */
const METHODS = Object.keys(
  {
    none: true,
    client_secret_basic: true,
    client_secret_post: true,
    private_key_jwt: true,
  } satisfies Record<AuthMethod, true>,
) as readonly AuthMethod[];

/** Short names of grants; the long ones are URNs. */
export const GRANT_WORDS = {
  authorization_code: "authorization_code",
  refresh_token: "refresh_token",
  client_credentials: "client_credentials",
  device_code: "urn:ietf:params:oauth:grant-type:device_code",
  token_exchange: "urn:ietf:params:oauth:grant-type:token-exchange",
} as const satisfies Record<string, GrantType>;

function optionalText(placeholder: string, brief: string): {
  readonly kind: "parsed";
  readonly parse: (text: string) => string;
  readonly optional: true;
  readonly placeholder: string;
  readonly brief: string;
} {
  return { kind: "parsed", parse: parseText, optional: true, placeholder, brief };
}

const clients: Route = group("Programs that may ask for tokens", {
  list: verb({
    brief: "List the clients that are registered here, or registered themselves",
    examples: [{ line: "admin oauth clients list" }],
    exits: ["unavailable"],
    load: () => import("./clients/list.ts"),
  }),
  create: verb({
    brief: "Register a client and print its secret, once",
    description:
      "With redirect URIs it may ask people for codes and refresh what it gets; with a service account it " +
      "may get tokens without a person. http is for 127.0.0.1, [::1] and localhost, where any port " +
      "matches; other schemes are for apps.",
    flags: {
      id: optionalText("ID", "Made up unless given"),
      name: { kind: "parsed", parse: parseText, placeholder: "TEXT", brief: "As people see it" },
      redirectUri: {
        kind: "parsed",
        parse: parseText,
        variadic: true,
        optional: true,
        placeholder: "URI",
        brief: "Where answers go; compared character by character",
      },
      authMethod: {
        kind: "enum",
        values: METHODS,
        default: "none",
        brief: "How it proves who it is",
      },
      grants: {
        kind: "enum",
        values: Object.keys(GRANT_WORDS) as (keyof typeof GRANT_WORDS)[],
        variadic: ",",
        optional: true,
        brief: "Grants that it may use, instead of those that follow from the other flags",
      },
      scope: optionalText(
        "SCOPES",
        "What it may ask for, separated by blanks; everything unless given",
      ),
      serviceAccount: optionalText(
        "USER",
        "The user that it is without a person: id, email or name",
      ),
      jwks: optionalText("FILE", "Its public keys, for private_key_jwt"),
      introspects: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "It may ask about tokens of other clients: a resource server",
      },
    },
    examples: [
      { line: "admin oauth clients create --name Editor --redirect-uri http://127.0.0.1/callback" },
      {
        line:
          "admin oauth clients create --name ci --service-account ci-bot --auth-method client_secret_basic",
      },
    ],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./clients/create.ts"),
  }),
  delete: verb({
    brief: "Remove a client and end every session that it has",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "client-id", brief: "Id of a client" }],
    },
    flags: { ...YES },
    examples: [{ line: "admin oauth clients delete ci --yes" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./clients/delete.ts"),
  }),
});

const CONSENT_FLAGS = {
  user: optionalText("USER", "Of this user: id, email or name"),
  client: optionalText("ID", "For this client"),
};

const consents: Route = group("What people let clients have", {
  list: verb({
    brief: "List consents, newest first",
    flags: CONSENT_FLAGS,
    examples: [{ line: "admin oauth consents list --user ada" }],
    exits: ["notFound", "failure", "unavailable"],
    load: () => import("./consents/list.ts"),
  }),
  revoke: verb({
    brief: "Take consents back, and end what clients have by them",
    flags: { ...CONSENT_FLAGS, ...YES },
    examples: [{ line: "admin oauth consents revoke --user ada --client ci --yes" }],
    exits: ["notFound", "failure", "unavailable"],
    load: () => import("./consents/revoke.ts"),
  }),
});

const keys: Route = group("Keys that access tokens are signed with", {
  list: verb({
    brief: "List the keys that tokens verify with, newest first",
    examples: [{ line: "admin oauth keys list" }],
    exits: ["unavailable"],
    load: () => import("./keys/list.ts"),
  }),
  rotate: verb({
    brief: "Let a new key sign at once",
    description: "Tokens of the keys before it are good until they end, unless --revoke is given.",
    flags: {
      revoke: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Void everything that the keys before it signed",
      },
      ...YES,
    },
    examples: [{ line: "admin oauth keys rotate" }, {
      line: "admin oauth keys rotate --revoke --yes",
    }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./keys/rotate.ts"),
  }),
});

export const oauth: Route = group("Clients, consents and keys of the authorization server", {
  clients,
  consents,
  keys,
});
