import type { Demo } from "../demo.ts";
import { GOVERNANCE } from "./governance.ts";
import { INFRASTRUCTURE } from "./infrastructure.ts";
import { MCP } from "./mcp.ts";
import { PERFORMANCE } from "./performance.ts";
import { SETUP } from "./setup.ts";
import { USERS } from "./users.ts";

/** Every demo, in the order in which `--all` plays them. */
export const DEMOS: readonly Demo[] = [
  ...SETUP,
  ...GOVERNANCE,
  ...MCP,
  ...INFRASTRUCTURE,
  ...USERS,
  ...PERFORMANCE,
];
