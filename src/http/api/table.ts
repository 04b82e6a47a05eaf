import { AUDIT_ROUTES } from "./audit.ts";
import { BAN_ROUTES } from "./bans.ts";
import { CONFIG_ROUTES } from "./config.ts";
import { GOVERNANCE_ROUTES } from "./governance.ts";
import { MCP_ROUTES } from "./mcp.ts";
import { ME_ROUTES } from "./me.ts";
import { ROLE_ROUTES } from "./roles.ts";
import { DEPARTMENT_ROUTES } from "./departments.ts";
import { GROUP_ROUTES } from "./groups.ts";
import { KEY_ROUTES } from "./keys.ts";
import { JOB_ROUTES } from "./jobs.ts";
import { LOG_ROUTES } from "./logs.ts";
import type { ApiRoute } from "./route.ts";
import { SECRET_ROUTES } from "./secrets.ts";
import { SESSION_ROUTES } from "./sessions.ts";
import { USER_ROUTES } from "./users.ts";

/** Every route of the API: what is served, documented, checked and tested comes from here. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...ME_ROUTES,
  ...USER_ROUTES,
  ...DEPARTMENT_ROUTES,
  ...GROUP_ROUTES,
  ...KEY_ROUTES,
  ...SESSION_ROUTES,
  ...BAN_ROUTES,
  ...ROLE_ROUTES,
  ...AUDIT_ROUTES,
  ...GOVERNANCE_ROUTES,
  ...SECRET_ROUTES,
  ...MCP_ROUTES,
  ...JOB_ROUTES,
  ...LOG_ROUTES,
  ...CONFIG_ROUTES,
];

/** How a route is named where isolates speak of it. */
export function nameOf({ method, path }: Pick<ApiRoute, "method" | "path">): string {
  return `${method} ${path}`;
}
