import * as z from "zod";

/** How a server is reached: as a child process, over HTTP, or as a part of the appliance. */
export type McpTransport = "stdio" | "http" | "builtin";

/** Which calls share one upstream: all of a gateway's, those of one client session, or none. */
export type Isolation = "shared" | "session" | "call";

const secretName = z.string().regex(
  /^[A-Za-z0-9][\w.-]{0,127}$/,
  "Expected the name of a secret: letters, digits and _ . -",
);
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "Expected a variable's name");
const header = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, "Expected a header's name");
const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, "Expected printable characters");
/** RFC 6749 `scope-token`. */
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, "Expected an OAuth scope");
const timeout = z.int().min(1).max(24 * 3600 * 1000);

const tool = z.strictObject({
  /** A tool that is switched off is neither listed nor callable. */
  enabled: z.boolean().default(true),
  /** Scopes that calling it takes, beside the server's. */
  scopes: z.array(scope).optional(),
  timeout_ms: timeout.optional(),
  /** Tells an agent loop to stop once this tool has succeeded. */
  terminal_on_success: z.boolean().default(false),
});

const common = {
  name: z.string().regex(
    /^(?!all$)[a-z0-9][a-z0-9-]{0,62}$/,
    'Expected small letters, digits and -, and not "all"',
  ),
  description: z.string().default(""),
  enabled: z.boolean().default(true),
  /** Left out unless the profile is for development. */
  dev_only: z.boolean().default(false),
  display_in_web: z.boolean().default(true),
  timeout_ms: timeout.default(60_000),
  /** Calls at once; more of them wait until their time is up. */
  concurrency: z.int().min(1).max(1024).default(16),
  /** Bytes of one message of the server. */
  output_limit_bytes: z.int().min(1024).max(64 * 1024 * 1024).default(10 * 1024 * 1024),
  /**
   * What becomes of a tool that differs from what was approved: `enforce` hides and denies it, `warn`
   * lets it through and records it, `off` does not compare.
   */
  pinning: z.enum(["enforce", "warn", "off"]).default("enforce"),
  /** Whether what a server offers when it is first seen is approved by that. */
  trust_on_first_use: z.boolean().default(true),
  oauth: z.strictObject({
    required: z.boolean().default(true),
    /** Scopes that any use takes; `<name>:use` when left out. */
    scopes: z.array(scope).optional(),
  }).prefault({}),
  tools: z.record(z.string().min(1).max(256), tool).default({}),
};

/** What both kinds of upstreams outside the appliance have. */
const upstream = {
  isolation: z.enum(["shared", "session", "call"]).default("session"),
  /** Without a call for this long, in milliseconds, an upstream is ended; the next call starts it. */
  idle_ms: z.int().min(1000).max(24 * 3600 * 1000).default(300_000),
  /** Failed starts in a row after which calls are refused at once for a while. */
  max_restarts: z.int().min(0).max(1000).default(5),
};

const stdio = z.strictObject({
  ...common,
  ...upstream,
  transport: z.literal("stdio"),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  working_directory: z.string().optional(),
  /** Variables with their values; nothing is inherited. */
  environment: z.record(variable, z.string()).default({}),
  /** Variables with the names of the secrets that they are set to. */
  secrets: z.record(variable, secretName).default({}),
  /** Whether the child may reach the network. */
  network: z.boolean().default(false),
  /** Paths that it may read, or read and write, where it is confined: beside the system and its program. */
  readable: z.array(z.string().min(1)).default([]),
  writable: z.array(z.string().min(1)).default([]),
  /** The least confinement that it is started with; `any` takes what the host offers. */
  confinement: z.enum(["any", "uid", "bwrap"]).default("any"),
});

const http = z.strictObject({
  ...common,
  ...upstream,
  transport: z.literal("http"),
  endpoint: z.url({ protocol: /^https?$/ }),
  headers: z.record(header, headerValue).default({}),
  /** Headers whose value is a secret, after `prefix` (e.g. `Bearer `). */
  secret_headers: z.record(
    header,
    z.strictObject({ secret: secretName, prefix: headerValue.default("") }),
  ).default({}),
  /** File with the certificates (PEM) of an authority of one's own that this server is trusted by too. */
  ca: z.string().min(1).optional(),
});

const builtin = z.strictObject({
  ...common,
  transport: z.literal("builtin"),
  builtin: z.enum(["self", "admin"]),
});

/** One file of `services/mcp/`. */
export const mcpServerSchema = z.discriminatedUnion("transport", [stdio, http, builtin])
  .transform(({ oauth, ...server }) => ({
    ...server,
    oauth: { required: oauth.required, scopes: oauth.scopes ?? [`${server.name}:use`] },
  }));

export type McpServerConfig = z.output<typeof mcpServerSchema>;
type Common = Omit<Extract<McpServerConfig, { transport: "builtin" }>, "transport" | "builtin">;

/** What a gateway is given of a server: nothing of how it is started or what it is given. */
export interface McpServerRules extends Common {
  readonly transport: McpTransport;
  readonly isolation: Isolation;
  /** Which part of the appliance it is, where it is one. */
  readonly builtin: "self" | "admin" | undefined;
}

/** What one file cannot say for itself, each as one sentence: two servers of one name, a variable set twice. */
export function mcpServerProblems(servers: readonly McpServerConfig[]): string[] {
  const names = servers.map(({ name }) => name);
  const twice = names.filter((name, at) => names.indexOf(name) < at);
  return [
    ...twice.map((name) => `Two servers are named "${name}"`),
    ...servers.flatMap((server) => server.transport === "http" ? addressProblems(server) : []),
    ...servers.flatMap((server) =>
      server.transport === "stdio"
        ? Object.keys(server.secrets).filter((name) => Object.hasOwn(server.environment, name))
          .map((name) => `Server "${server.name}" sets "${name}" by "environment" and "secrets"`)
        : []
    ),
  ];
}

function addressProblems(
  { name, endpoint, secret_headers }: Extract<McpServerConfig, { transport: "http" }>,
): string[] {
  const { protocol, hostname, username, password } = new URL(endpoint);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  const isOpen = protocol === "http:" && !isHere && Object.keys(secret_headers).length > 0;
  return [
    ...isOpen ? [`Server "${name}" would be sent secrets unencrypted: use an https address`] : [],
    ...username || password
      ? [`Server "${name}" has credentials in its address: use "secret_headers"`]
      : [],
  ];
}
