export {
  type Isolation,
  type McpServerConfig,
  mcpServerProblems,
  type McpServerRules,
  mcpServerSchema,
  type McpTransport,
} from "./config.ts";
export { createServers, type ServersSetup } from "./oauth_servers.ts";
export { type DiffLine, diffTool } from "./tool_diff.ts";
export { approvePending, listPinnedTools, type PinnedTool } from "./tool_store.ts";
