/** What a route of the API may demand. `services/governance/roles.yaml` gives them to roles. */
export const API_PERMISSIONS = [
  /** Whoever is signed in, about itself. */
  "self:read",
  "users:read",
  "users:write",
  /** Hands out and takes away roles, never one above the caller's own. */
  "roles:write",
  "roles:read",
  "departments:read",
  "departments:write",
  "groups:read",
  "groups:write",
  "keys:read",
  "keys:write",
  /** Keys of the caller's own. */
  "keys:own",
  "sessions:list",
  "sessions:end",
  "bans:read",
  "bans:write",
  "audit:read",
  "governance:read",
  "secrets:read",
  "secrets:write",
  "mcp:read",
  "mcp:write",
  "jobs:read",
  "jobs:write",
  "logs:read",
  "logs:write",
  "config:read",
  "metrics:read",
] as const;

/** One of them. */
export type ApiPermission = typeof API_PERMISSIONS[number];
