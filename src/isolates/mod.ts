export { listPermissions, type Service, type StartOptions, startService } from "./supervisor.ts";
