export type { HttpUpstream, StdioUpstream, UpstreamConfig, UpstreamSetup } from "./config.ts";
export type { Authorized, LineGate, LineHolder } from "./line_gate.ts";
export type { JsonRpcMessage } from "./transport.ts";
export { Upstreams } from "./upstreams.ts";
