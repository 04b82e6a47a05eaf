/** Destructive operations: rules over tool names, arguments and the shell scripts among them. */
export { type BlocklistConfig, blocklistConfig } from "./config.ts";
export { listBlocklistRules } from "./rules.ts";
export { createBlocklistStage } from "./stage.ts";
