export type { HttpUpstream, StdioUpstream, UpstreamConfig, UpstreamSetup } from "./config.ts";
export { Upstreams } from "./upstreams.ts";
