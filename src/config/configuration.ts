import { createHash } from "node:crypto";
import type * as z from "zod";
import { type IdentityConfig, identityProblems, identitySchema } from "../federation/config/mod.ts";
import { type OAuthConfig, oauthSchema } from "../oauth/config/mod.ts";
import { type Profile, profileSchema } from "../profile/mod.ts";
import {
  agentProblems,
  agentSchema,
  blocklistConfig,
  type GovernanceConfig,
  hooksConfig,
  limitsConfig,
  loadPolicies,
  rolesSchema,
  secretsConfig,
} from "../governance/mod.ts";
import { type Diagnostic, parseConfig } from "../kernel/config_file.ts";
import { didYouMean } from "../kernel/suggest.ts";
import { type SchedulerConfig, schedulerSchema } from "../jobs/config/mod.ts";
import { type McpServerConfig, mcpServerProblems, mcpServerSchema } from "../mcp/mod.ts";

/** Everything configured, in one value that can be posted to an isolate. */
export interface Configuration {
  readonly profile: Profile;
  readonly governance: GovernanceConfig;
  /** The MCP servers of `services/mcp/`. */
  readonly mcp: readonly McpServerConfig[];
  /** What the authorization server offers: `services/oauth/config.yaml`, or its defaults. */
  readonly oauth: OAuthConfig;
  /** What jobs do differently from how they are shipped: `services/scheduler/config.yaml`. */
  readonly scheduler: SchedulerConfig;
  /** Who may sign in from elsewhere: `services/identity/config.yaml`, or nobody. */
  readonly identity: IdentityConfig;
  /** Twelve hexadecimal digits over the text of every file; every decision row carries it. */
  readonly revision: string;
  /** Files it was read from, relative to their roots. */
  readonly files: readonly string[];
}

export type LoadedConfiguration =
  | { readonly ok: true; readonly value: Configuration }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A file of the configuration, with the name that diagnostics show. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** The texts a configuration is made of; `services` holds paths relative to `services/`. */
export interface ConfigSources {
  readonly profile: SourceFile;
  readonly services: ReadonlyMap<string, SourceFile>;
}

/** Checks everything and reports every problem at once. */
export async function parseConfiguration(
  { profile, services }: ConfigSources,
): Promise<LoadedConfiguration> {
  const problems: Diagnostic[] = [];
  const parse = <S extends z.ZodType>(schema: S, source: SourceFile): z.output<S> | undefined => {
    const parsed = parseConfig(schema, source.text, source.file);
    if (parsed.ok) return parsed.value;
    problems.push(...parsed.diagnostics);
    return undefined;
  };
  const governanceFile = <S extends z.ZodType>(
    schema: S,
    name: string,
  ): z.output<S> | undefined => {
    const source = services.get(`governance/${name}`);
    if (source) return parse(schema, source);
    problems.push(problem(`services/governance/${name}`, "This file is missing"));
    return undefined;
  };

  const agents = readAgents(services, parse, problems);
  const mcp = readMcpServers(services, parse, problems);
  const policies = await readPolicies(services, problems);
  const oauth = parse(oauthSchema, services.get("oauth/config.yaml") ?? NO_OAUTH);
  const scheduler = parse(schedulerSchema, services.get("scheduler/config.yaml") ?? NO_SCHEDULER);
  const identity = parse(identitySchema, services.get("identity/config.yaml") ?? NO_IDENTITY);
  const found = identity ? identityProblems(identity) : [];
  problems.push(...found.map((each) => problem("services/identity/config.yaml", each)));
  const parts = {
    profile: parse(profileSchema, profile),
    hooks: governanceFile(hooksConfig, "config.yaml"),
    roles: governanceFile(rolesSchema, "roles.yaml"),
    secrets: governanceFile(secretsConfig, "secrets.yaml"),
    blocklist: governanceFile(blocklistConfig, "blocklist.yaml"),
    limits: governanceFile(limitsConfig, "limits.yaml"),
  };
  problems.push(...strayFiles(services));
  problems.push(...misspeltServers(agents, parts.roles, mcp));
  if (problems.length > 0 || !isComplete(parts) || !oauth || !scheduler || !identity) {
    return { ok: false, diagnostics: problems };
  }
  const { profile: environment, ...governance } = parts;
  return {
    ok: true,
    value: {
      profile: environment,
      governance: { ...governance, agents, policies },
      mcp,
      oauth,
      scheduler,
      identity,
      revision: revisionOf([["profile", profile], ...services]),
      files: [profile.file, ...services.keys()],
    },
  };
}

/** Every key has a default. */
const NO_OAUTH: SourceFile = { file: "services/oauth/config.yaml", text: "" };
const NO_SCHEDULER: SourceFile = { file: "services/scheduler/config.yaml", text: "" };
const NO_IDENTITY: SourceFile = { file: "services/identity/config.yaml", text: "" };

type Parts =
  & {
    readonly profile: Profile | undefined;
  }
  & {
    readonly [K in keyof Omit<GovernanceConfig, "agents" | "policies">]:
      | GovernanceConfig[K]
      | undefined;
  };
type CompleteParts = { readonly [K in keyof Parts]: NonNullable<Parts[K]> };

function isComplete(parts: Parts): parts is CompleteParts {
  return Object.values(parts).every((part) => part !== undefined);
}

function readAgents(
  services: ConfigSources["services"],
  parse: <S extends z.ZodType>(schema: S, source: SourceFile) => z.output<S> | undefined,
  problems: Diagnostic[],
): GovernanceConfig["agents"] {
  const agents = [...services].filter(([path]) => /^agents\/[^/]+\.ya?ml$/.test(path))
    .flatMap(([, source]) => parse(agentSchema, source) ?? []);
  problems.push(...agentProblems(agents).map((message) => problem("services/agents", message)));
  return agents;
}

function readMcpServers(
  services: ConfigSources["services"],
  parse: <S extends z.ZodType>(schema: S, source: SourceFile) => z.output<S> | undefined,
  problems: Diagnostic[],
): McpServerConfig[] {
  const servers = [...services].flatMap(([path, source]) => {
    const name = /^mcp\/([^/]+)\.ya?ml$/.exec(path)?.[1];
    const server = name === undefined ? undefined : parse(mcpServerSchema, source);
    if (server && server.name !== name) {
      const message = `Server "${server.name}" must stand in "${server.name}.yaml"`;
      problems.push(problem(source.file, message));
    }
    return server ?? [];
  });
  const found = mcpServerProblems(servers);
  problems.push(...found.map((message) => problem("services/mcp", message)));
  return servers;
}

async function readPolicies(
  services: ConfigSources["services"],
  problems: Diagnostic[],
): Promise<GovernanceConfig["policies"]> {
  const folder = "governance/policies/";
  const files = [...services].filter(([path]) => path.startsWith(folder) && path.endsWith(".cedar"))
    .map(([, source]) => source);
  const schema = services.get(`${folder}schema.cedarschema`);
  const { problems: found } = await loadPolicies(files, schema);
  problems.push(...found.map((each) => ({ ...each, path: "" })));
  return { files, schema };
}

/** Files of folders that are read here, but that nothing reads: a misspelt name must not go unnoticed. */
function strayFiles(services: ConfigSources["services"]): Diagnostic[] {
  const known =
    /^(governance\/(config|roles|secrets|blocklist|limits)\.yaml|governance\/policies\/([\w.-]+\.cedar|schema\.cedarschema)|(agents|mcp)\/[\w.-]+\.ya?ml|(oauth|scheduler|identity)\/config\.yaml)$/;
  return [...services].filter(([path]) =>
    /^(governance|agents|mcp|oauth|scheduler|identity)\//.test(path) && !known.test(path)
  )
    .map(([, { file }]) => problem(file, "Nothing reads this file"));
}

/**
 * Servers in target lists that differ from a configured one by a slip of the pen. Others may be servers that
 * clients reach by themselves: hooks name those too.
 */
function misspeltServers(
  agents: GovernanceConfig["agents"],
  roles: GovernanceConfig["roles"] | undefined,
  mcp: readonly McpServerConfig[],
): Diagnostic[] {
  const known = mcp.map(({ name }) => name);
  const lists = [
    ...agents.map(({ name, targets }) => [`services/agents/${name}.yaml`, targets] as const),
    ...Object.values({ ...roles?.roles, ...roles?.departments })
      .map(({ targets }) => ["services/governance/roles.yaml", targets] as const),
  ];
  return lists.flatMap(([file, { allow = [], deny }]) =>
    [...allow, ...deny].flatMap((glob) => {
      const name = /^mcp:([a-z0-9-]+)\//.exec(glob)?.[1];
      if (name === undefined || known.includes(name)) return [];
      const meant = didYouMean(name, known);
      return meant === undefined
        ? []
        : problem(file, `Target "${glob}" names no MCP server. ${meant}`);
    })
  );
}

function problem(file: string, message: string): Diagnostic {
  return { file, line: 1, column: 1, path: "", message };
}

function revisionOf(sources: readonly (readonly [string, SourceFile])[]): string {
  const hash = createHash("sha256");
  for (const [name, { text }] of [...sources].sort(([a], [b]) => a < b ? -1 : 1)) {
    hash.update(`${name}\n${text.length}\n${text}\n`);
  }
  return hash.digest("hex").slice(0, 12);
}
