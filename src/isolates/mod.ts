export { deliverMail } from "./mail_delivery.ts";
export { listPermissions, type Service, type StartOptions, startService } from "./supervisor.ts";
