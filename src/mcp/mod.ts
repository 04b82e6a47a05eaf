export {
  type Isolation,
  type McpServerConfig,
  mcpServerProblems,
  type McpServerRules,
  mcpServerSchema,
  type McpTransport,
} from "./config.ts";
