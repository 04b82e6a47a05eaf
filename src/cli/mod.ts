export type { Above } from "./above.ts";
export { processHost } from "./host.ts";
export { runCli } from "./main.ts";
