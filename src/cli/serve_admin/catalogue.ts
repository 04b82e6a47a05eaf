/** Verbs that look and change nothing: tools of the server `admin` as it is. */
export const READ_VERBS: readonly string[] = [
  "admin users list",
  "admin users show",
  "admin users search",
  "admin users count",
  "admin session list",
  "admin session show",
  "admin ban list",
  "admin config list",
  "admin config validate",
  "admin governance rules list",
  "admin governance rules show",
  "admin governance policies list",
  "admin governance secrets list",
  "admin governance blocklist list",
  "admin governance limits show",
  "infra db status",
  "infra db info",
  "infra db tables",
  "infra db size",
  "infra db migrations status",
  "infra logs audit",
  "infra logs decisions list",
  "infra logs decisions show",
  "infra logs tools list",
  "infra logs trace list",
  "infra logs trace show",
  "infra logs summary",
  "infra logs verify",
  "infra services status",
  "infra services permissions",
  "analytics anomalies list",
  "analytics anomalies show",
  "analytics agents show",
  "analytics tools show",
  "plugins mcp list",
  "plugins mcp status",
  "plugins mcp tools",
  "plugins mcp logs",
];

/**
 * Verbs that change something: tools only where `services/mcp/admin.yaml` names them below `tools`. What prints a
 * credential, takes one, runs statements or programs of the caller's, or ends the appliance is none at all.
 */
export const WRITE_VERBS: readonly string[] = [
  "admin users create",
  "admin users update",
  "admin users delete",
  "admin users role assign",
  "admin users role promote",
  "admin users role demote",
  "admin session revoke",
  "admin ban add",
  "admin ban remove",
  "plugins mcp approve",
  "plugins mcp restart",
];

/** `admin users list` is the tool `admin_users_list`. */
export function toolName(verb: string): string {
  return verb.replaceAll(/[ -]/g, "_");
}
