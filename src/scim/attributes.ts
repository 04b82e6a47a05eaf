/** An attribute that is kept of a resource. */
export interface Attribute {
  /** As the standard spells it. */
  readonly name: string;
  readonly kind: "text" | "boolean" | "complex" | "list";
  /** Of a complex one, or of a list's entries, by names in lower case. */
  readonly parts?: ReadonlyMap<string, string>;
  /** Decided here: whoever sends it is not heard, whoever patches it is refused. */
  readonly isReadOnly?: boolean;
}

/** The attributes of a kind of resource, by names in lower case. */
export type Attributes = ReadonlyMap<string, Attribute>;

/** Names of schemas. */
export const USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";
export const ENTERPRISE_SCHEMA = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group";

function partsOf(...names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}

function attributesOf(...list: readonly Attribute[]): Attributes {
  return new Map(list.map((each) => [each.name.toLowerCase(), each]));
}

const COMMON: readonly Attribute[] = [
  { name: "schemas", kind: "list", isReadOnly: true },
  { name: "id", kind: "text", isReadOnly: true },
  { name: "meta", kind: "complex", isReadOnly: true },
  { name: "externalId", kind: "text" },
];

/** What is kept of a user. The department stands in the enterprise extension. */
export const USER_ATTRIBUTES: Attributes = attributesOf(
  ...COMMON,
  { name: "userName", kind: "text" },
  { name: "name", kind: "complex", parts: partsOf("formatted", "givenName", "familyName") },
  { name: "displayName", kind: "text" },
  { name: "emails", kind: "list", parts: partsOf("value", "type", "primary", "display") },
  { name: "active", kind: "boolean" },
  { name: "department", kind: "text" },
  { name: "roles", kind: "list", isReadOnly: true },
  { name: "groups", kind: "list", isReadOnly: true },
);

/** What is kept of a group. */
export const GROUP_ATTRIBUTES: Attributes = attributesOf(
  ...COMMON,
  { name: "displayName", kind: "text" },
  { name: "members", kind: "list", parts: partsOf("value", "display", "type", "$ref") },
);

/** Attributes of the standard that are not kept: what is sent of them is not heard, as the standard has it. */
export const UNKEPT: ReadonlySet<string> = new Set([
  ...["nickname", "profileurl", "title", "usertype", "preferredlanguage", "locale", "timezone"],
  ...["password", "phonenumbers", "ims", "photos", "addresses", "entitlements", "x509certificates"],
  ...["employeenumber", "costcenter", "organization", "division", "manager"],
]);
