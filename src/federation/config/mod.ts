/** Who may sign in from elsewhere: all that the configuration needs of it. */
import * as z from "zod";
import { TIERS } from "../../kernel/tiers.ts";

const HOST = /^([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const SECRET = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whom a provider can sign in; nobody becomes an administrator by a provider's word. */
const roles = z.array(z.enum(TIERS).exclude(["admin"])).min(1);

const provider = z.strictObject({
  /** Part of the address that the provider answers to: `<our address>/sign-in/with/<name>`. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/),
  /** What people know it as. */
  title: z.string().trim().min(1).max(60),
  /** The issuer of its tokens; its description is found from there. */
  issuer: z.url({ protocol: /^https?$/ }),
  client_id: z.string().min(1).max(512),
  /** Name of the secret that proves us; it has to list `idp.<name>`. None for a public client. */
  client_secret: z.string().regex(SECRET).optional(),
  client_auth: z.enum(["basic", "post"]).default("basic"),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/)).default([
    ...["openid", "email", "profile"],
  ]),
  /** Hosts (`host` or `host:port`) of its endpoints that are not the issuer's. */
  hosts: z.array(z.string().regex(HOST)).default([]),
  /** File with the certificates (PEM) of an authority of one's own that it is trusted by too. */
  ca: z.string().min(1).optional(),
  /** Claims that must have exactly this value, e.g. `hd: example.com`. */
  required_claims: z.record(z.string(), z.string()).default({}),
  /** Domains of the emails that count; without any every domain does, but nothing is connected by email. */
  email_domains: z.array(z.string().regex(DOMAIN)).default([]),
  /** Whether its emails count although it does not say that they are verified. */
  trust_email: z.boolean().default(false),
  /** Whether the user with the same email, unless an administrator, gets the account at the first sign-in. */
  link_by_email: z.boolean().default(false),
  /** Whether somebody unknown becomes a user. */
  create: z.boolean().default(false),
  /** Of users that are made so. */
  roles: roles.default(["user"]),
  department: z.string().min(1).max(200).optional(),
});

/** `services/identity/config.yaml`: who may sign in from elsewhere, and how. */
export const identitySchema = z.strictObject({
  providers: z.array(provider).max(20).default([]),
  /** Directories that look after users and groups (SCIM). */
  scim: z.strictObject({
    /** Of users that they make; never admin. */
    roles: roles.default(["user"]),
  }).prefault({}),
});

export type IdentityConfig = z.output<typeof identitySchema>;
export type ProviderConfig = IdentityConfig["providers"][number];

/** The name that a provider's secrets have to list. No MCP server can be called so. */
export function secretServerOf(provider: Pick<ProviderConfig, "name">): string {
  return `idp.${provider.name}`;
}

/** What the schema cannot say, each as one sentence. */
export function identityProblems({ providers }: IdentityConfig): string[] {
  const names = providers.map(({ name }) => name);
  const issuers = providers.map(({ issuer }) => new URL(issuer).href);
  return [
    ...names.filter((name, at) => names.indexOf(name) < at)
      .map((name) => `Two providers are named "${name}"`),
    ...issuers.filter((issuer, at) => issuers.indexOf(issuer) < at)
      .map((issuer) => `Two providers have the issuer "${issuer}"`),
    ...providers.flatMap(providerProblems),
  ];
}

function providerProblems(provider: ProviderConfig): string[] {
  const { name, issuer, scopes, link_by_email, email_domains } = provider;
  const { protocol, hostname, search, hash, username, password } = new URL(issuer);
  const say = (text: string): string => `Provider "${name}" ${text}`;
  return [
    ...protocol === "http:" && !LOOPBACK.test(hostname)
      ? [say("has an issuer without TLS: anybody on the way could sign in as anybody")]
      : [],
    ...search || hash || username || password
      ? [say("has an issuer with a query, a fragment or credentials")]
      : [],
    ...scopes.includes("openid") ? [] : [say('needs the scope "openid"')],
    ...link_by_email && email_domains.length === 0
      ? [say('connects accounts by email: name the domains in "email_domains"')]
      : [],
  ];
}
