/** The environment that an appliance runs in: addresses, database, log level. */
export type { SmtpConfig } from "./smtp_config.ts";
export type { TelemetryConfig } from "./telemetry_config.ts";
export { type Profile, profileSchema } from "./profile.ts";
export type { LogConfig, LogSinkConfig } from "./log_config.ts";
