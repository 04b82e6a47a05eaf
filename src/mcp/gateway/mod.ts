export { type BuiltinFactory } from "./builtin.ts";
export type { McpCaller } from "./exchange.ts";
export { createMcpGateway, type McpGateway, type McpGatewayOptions } from "./gateway.ts";
export type { McpRequest, Served } from "./serve.ts";
