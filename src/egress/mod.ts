export { connectLine, type Line } from "./line.ts";
export type {
  Confinement,
  EgressMethods,
  LineClosed,
  LineCommand,
  LineEvent,
  LineMessage,
  LineOpened,
  LineRequest,
  UpstreamLogLine,
  UpstreamMethods,
  UpstreamStatus,
} from "./protocol.ts";
