import { compileTargets, hasPermission, type RolesConfig } from "../governance/mod.ts";
import type { McpServerRules } from "./config.ts";
import { resourcePath } from "../kernel/resource_path.ts";
import type { Holder, ResourceServer, Servers } from "../oauth/mod.ts";

type ScopedServer = Pick<McpServerRules, "name" | "oauth" | "tools">;

/** What decides which resources there are, and who may hold their scopes. */
export interface ServersSetup {
  readonly servers: readonly ScopedServer[];
  readonly roles: RolesConfig;
}

/**
 * The protected resources that the configured MCP servers are, and who may hold which of their scopes: whoever
 * the roles and departments leave a tool that the scope opens.
 */
export function createServers({ servers, roles }: ServersSetup): Servers {
  const list = resourceServers(servers);
  return {
    list: () => list,
    mayHold: (name, scope, holder) =>
      servers.some((server) =>
        (name === server.name || name === ALL) && opens(server, scope, holder, roles)
      ),
  };
}

const ALL = "all";

function resourceServers(servers: readonly ScopedServer[]): readonly ResourceServer[] {
  const single = servers.map(({ name, oauth, tools }): ResourceServer => ({
    name,
    path: resourcePath(name),
    scopes: unique([...oauth.scopes, ...Object.values(tools).flatMap(({ scopes = [] }) => scopes)]),
    defaultScopes: oauth.scopes,
  }));
  if (single.length === 0) return [];
  const together: ResourceServer = {
    name: ALL,
    path: resourcePath(ALL),
    scopes: unique(single.flatMap(({ scopes }) => scopes)),
    defaultScopes: unique(single.flatMap(({ defaultScopes }) => defaultScopes)),
  };
  return [...single, together];
}

function opens(
  { name, oauth, tools }: ScopedServer,
  scope: string,
  { tier, department }: Holder,
  roles: RolesConfig,
): boolean {
  if (!hasPermission(roles, tier, "calls:tool")) return false;
  const lists = [roles.roles[tier].targets, departmentTargets(roles, department)];
  if (oauth.scopes.includes(scope)) return lists.every((targets) => leavesSome(targets, name));
  const checks = lists.map(compileTargets);
  return Object.entries(tools).filter(([, { scopes }]) => scopes?.includes(scope))
    .some(([tool]) => checks.every((check) => check(`mcp:${name}/${tool}`, "") === undefined));
}

type Targets = Parameters<typeof compileTargets>[0];

function departmentTargets(roles: RolesConfig, department: string | null): Targets {
  const known = department !== null && Object.hasOwn(roles.departments, department);
  return known ? roles.departments[department]?.targets ?? { deny: [] } : { deny: [] };
}

/** Whether a list leaves any tool of the server: all of them are not excluded, and some are named. */
function leavesSome({ allow, deny }: Targets, server: string): boolean {
  const all = `mcp:${server}/*`;
  if (compileTargets({ deny })(all, "") !== undefined) return false;
  return compileTargets({ allow, deny: [] })(all, "") === undefined ||
    (allow ?? []).some((glob) => glob.startsWith(`mcp:${server}/`));
}

function unique(scopes: readonly string[]): string[] {
  return [...new Set(scopes)];
}
