export { type ConfiningHost, findConfiningHost } from "./host.ts";
export { writeLauncher } from "./launcher_file.ts";
export { type ChildPlan, type Places } from "./plan.ts";
export type { ChildConfinement, ChildServer, LeastConfinement } from "./server.ts";
