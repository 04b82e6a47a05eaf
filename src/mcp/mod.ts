export {
  type Isolation,
  type McpServerConfig,
  mcpServerProblems,
  type McpServerRules,
  mcpServerSchema,
  type McpTransport,
} from "./config.ts";
export { CALLER_META, readCaller, type VerifiedCaller } from "./caller_meta.ts";
export { createLineGate } from "./line_gate.ts";
export type { LineGateOptions, LineGateSetup } from "./server_token.ts";
export { createServers, type ServersSetup } from "./oauth_servers.ts";
export { hasHidden, showHidden } from "./hidden_text.ts";
export { type DiffLine, diffTool } from "./tool_diff.ts";
export { approvePending, listPinnedTools, lockPinnedTool, type PinnedTool } from "./tool_store.ts";
