/** The API's routes, as the isolate needs them that does what gateways may not. */
export type { EgressContext } from "./context.ts";
export type { ApiCaller } from "./guard.ts";
export { createKeeper, type KeeperOptions } from "./keeper.ts";
