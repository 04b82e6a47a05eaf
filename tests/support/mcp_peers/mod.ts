/**
 * MCP software that is not ours, from npm: the official clients of both SDK lines, the conformance suite, the
 * Inspector's command line, two reference servers, two other gateways. `obtainPeers()` fetches it once.
 */
export { obtainPeers, type Output, type PeerProgram, type Peers } from "./peers.ts";
export { type Revision, REVISIONS, runConformance, type Verdicts } from "./conformance.ts";
export {
  CLIENT_LINES,
  type ClientLine,
  type ClientRun,
  type ClientStep,
  runMcpClient,
  type StepResult,
} from "./client.ts";
export { CONFORMANCE_STDIO, startConformanceServer } from "./server.ts";
