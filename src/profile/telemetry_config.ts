import * as z from "zod";

/** Where traces and metrics go by OTLP over HTTP. Nothing leaves the host unless this is there. */
export const telemetrySchema = z.strictObject({
  /** Base address, e.g. `https://collector.example.com:4318`; `/v1/traces` and `/v1/metrics` are added. */
  endpoint: z.url({ protocol: /^https?$/ }).refine((text) => {
    const { username, password, search, hash } = new URL(text);
    return username + password + search + hash === "";
  }, "expected an http(s) address without a credential, a query or a fragment"),
  protocol: z.enum(["http/protobuf", "http/json"]).default("http/protobuf"),
  traces: z.boolean().default(true),
  metrics: z.boolean().default(true),
  /** Seconds between two exports of metrics. */
  metrics_every: z.int().min(1).max(3600).default(60),
  /** Milliseconds until a request has failed. */
  timeout_ms: z.int().min(100).max(120_000).default(10_000),
  /** File with a token, sent as the bearer token; relative to the home. */
  token_file: z.string().min(1).optional(),
  /** File with certificates (PEM) that the collector's may be signed by, beside the usual ones. */
  ca: z.string().min(1).optional(),
  /** Name of the service in traces and metrics. */
  service_name: z.string().min(1).max(255).default("spgov"),
});

export type TelemetryConfig = z.output<typeof telemetrySchema>;
