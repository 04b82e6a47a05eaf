/** Servers that are a part of the appliance. They load the protocol's library: import them when they are used. */
export { type CommandResult, type CommandTool, createCommandServer } from "./command_server.ts";
export { createSelfServer, type SelfOptions } from "./self.ts";
