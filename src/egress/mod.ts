export type { EgressMethods } from "./protocol.ts";
