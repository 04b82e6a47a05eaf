export {
  type Isolation,
  type McpServerConfig,
  mcpServerProblems,
  type McpServerRules,
  mcpServerSchema,
  type McpTransport,
} from "./config.ts";
export { createServers, type ServersSetup } from "./oauth_servers.ts";
export { hasHidden, showHidden } from "./hidden_text.ts";
export { type DiffLine, diffTool } from "./tool_diff.ts";
export { approvePending, listPinnedTools, type PinnedTool } from "./tool_store.ts";
