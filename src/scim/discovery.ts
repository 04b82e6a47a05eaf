import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from "./attributes.ts";
import { MAX_COUNT } from "./list.ts";

const SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const PROVIDER = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

type Json = Readonly<Record<string, unknown>>;

/** What is offered (RFC 7643 §5). */
export function serviceProviderConfig(base: string): Json {
  return {
    schemas: [PROVIDER],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MAX_COUNT },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [{
      type: "oauthbearertoken",
      name: "API key",
      description: "A key or token for the audience api, in the header Authorization",
      primary: true,
    }],
    meta: { resourceType: "ServiceProviderConfig", location: `${base}/ServiceProviderConfig` },
  };
}

/** The kinds of resources (RFC 7643 §6). */
export function resourceTypes(base: string): readonly Json[] {
  return [
    resourceType(base, "User", USER_SCHEMA, [{ schema: ENTERPRISE_SCHEMA, required: false }]),
    resourceType(base, "Group", GROUP_SCHEMA, []),
  ];
}

function resourceType(
  base: string,
  name: string,
  schema: string,
  schemaExtensions: readonly unknown[],
): Json {
  return {
    schemas: [RESOURCE_TYPE],
    ...{ id: name, name, endpoint: `/${name}s`, description: name, schema, schemaExtensions },
    meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/${name}` },
  };
}

/** How an attribute is described (RFC 7643 §7). */
interface Trait {
  readonly type?: string;
  readonly required?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: "readWrite" | "readOnly";
  readonly uniqueness?: "none" | "server";
  readonly multiValued?: boolean;
  readonly subAttributes?: readonly Json[];
  readonly referenceTypes?: readonly string[];
}

function attribute(name: string, description: string, traits: Trait = {}): Json {
  const { type = "string", ...more } = traits;
  return {
    ...{ name, type, description, multiValued: false, required: false },
    ...type === "string" && { caseExact: false, uniqueness: "none" },
    ...{ mutability: "readWrite", returned: "default" },
    ...more,
  };
}

const READ_ONLY = { mutability: "readOnly" } as const;

/** The schemas, as far as they are kept. */
export function schemas(base: string): readonly Json[] {
  return [
    schema(base, USER_SCHEMA, "User", [
      attribute("userName", "What the directory calls the user", {
        ...{ required: true, uniqueness: "server" },
      }),
      attribute("name", "What the user is called", {
        type: "complex",
        subAttributes: [
          attribute("formatted", "The whole name"),
          attribute("givenName", "The given name"),
          attribute("familyName", "The family name"),
        ],
      }),
      attribute("displayName", "The name to show"),
      attribute("emails", "The email: one is kept, the primary one or the first", {
        type: "complex",
        multiValued: true,
        subAttributes: [
          attribute("value", "The address", { uniqueness: "server" }),
          attribute("type", "Always work", READ_ONLY),
          attribute("primary", "Always true", { type: "boolean", ...READ_ONLY }),
        ],
      }),
      attribute("active", "Whether the user is let in", { type: "boolean" }),
      attribute("roles", "The roles, which operators give", {
        ...{ type: "complex", multiValued: true, ...READ_ONLY },
        subAttributes: [attribute("value", "The role", READ_ONLY)],
      }),
      attribute("groups", "The groups that the user is in", {
        ...{ type: "complex", multiValued: true, ...READ_ONLY },
        subAttributes: [
          attribute("value", "The id of the group", READ_ONLY),
          attribute("display", "The name of the group", READ_ONLY),
        ],
      }),
    ]),
    schema(base, ENTERPRISE_SCHEMA, "EnterpriseUser", [
      attribute("department", "The department, one that is known here"),
    ]),
    schema(base, GROUP_SCHEMA, "Group", [
      attribute("displayName", "The name of the group", {
        ...{ required: true, uniqueness: "server" },
      }),
      attribute("members", "Who is in the group", {
        ...{ type: "complex", multiValued: true },
        subAttributes: [
          attribute("value", "The id of the user", { caseExact: true }),
          attribute("display", "The name of the user", READ_ONLY),
          attribute("$ref", "The address of the user", {
            ...{ type: "reference", referenceTypes: ["User"], ...READ_ONLY },
          }),
        ],
      }),
    ]),
  ];
}

function schema(base: string, id: string, name: string, attributes: readonly Json[]): Json {
  return {
    ...{ schemas: [SCHEMA], id, name, description: name, attributes },
    meta: { resourceType: "Schema", location: `${base}/Schemas/${id}` },
  };
}
