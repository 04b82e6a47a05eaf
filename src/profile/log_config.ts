import * as z from "zod";
import { LOG_LEVELS } from "../kernel/log.ts";

const level = z.enum(LOG_LEVELS);
const moduleName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, "expected a module such as mcp");
const sinkName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "expected a name such as siem-1");

const common = {
  /** Stands in cursors and in the vault, where its credential is for `log.<name>`. */
  name: sinkName,
  /** What is sent: rows of the audit, log lines, or both. */
  sources: z.array(z.enum(["audit", "logs"])).min(1).default(["audit"]),
  /** Log lines from this level on. */
  level: level.default("info"),
  /** How an event is written; `native` has every column. */
  format: z.enum(["native", "ecs", "ocsf"]).default("native"),
  /** Where a collector that is new begins. */
  start: z.enum(["now", "beginning"]).default("now"),
  /** File with certificates (PEM) that the collector's may be signed by, beside the usual ones. */
  ca: z.string().optional(),
  /** Events in one request, at most. */
  batch: z.int().min(1).max(5000).default(1000),
  /** Milliseconds until a request has failed. */
  timeout_ms: z.int().min(100).max(120_000).default(10_000),
};

const httpUrl = z.url({ protocol: /^https?$/ }).refine((text) => {
  const { username, password } = new URL(text);
  return username === "" && password === "";
}, "expected an http(s) address without a credential in it");
/** Name of a secret in the vault, for the server `log.<name of the sink>`. */
const secret = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/);

export const logSinkSchema = z.discriminatedUnion("type", [
  z.strictObject({
    ...common,
    type: z.literal("syslog"),
    host: z.string().regex(/^([A-Za-z0-9.-]+|[0-9a-fA-F:]+)$/),
    port: z.int().min(1).max(65_535),
    tls: z.boolean().default(true),
    /** 0-23; 13 is log audit, 16 is local0. */
    facility: z.int().min(0).max(23).default(13),
    /**
     * `close`: a batch counts when the collector has read it to its end and closed the connection.
     * `none`: it counts when it was written, for collectors that never close.
     */
    confirm: z.enum(["close", "none"]).default("close"),
  }),
  z.strictObject({
    ...common,
    type: z.literal("splunk"),
    /** Base address, or the whole one of the event collector. */
    url: httpUrl,
    secret,
    index: z.string().min(1).max(255).optional(),
    sourcetype: z.string().min(1).max(255).default("spgov"),
  }),
  z.strictObject({
    ...common,
    format: z.enum(["native", "ecs", "ocsf"]).default("ecs"),
    type: z.literal("elastic"),
    url: httpUrl,
    /** An API key (base64 of id:key); with `user`, that user's password. */
    secret: secret.optional(),
    user: z.string().min(1).max(255).optional(),
    index: z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,200}$/).default("spgov"),
  }),
  z.strictObject({
    ...common,
    type: z.literal("datadog"),
    url: httpUrl,
    secret,
    service: z.string().min(1).max(100).default("spgov"),
    tags: z.string().max(1000).optional(),
  }),
  z.strictObject({
    ...common,
    type: z.literal("sumo"),
    /** The source's address without its last part, which is the credential. */
    url: httpUrl,
    secret,
    category: z.string().min(1).max(1024).default("spgov"),
  }),
  z.strictObject({
    ...common,
    type: z.literal("otlp"),
    /** Base address; `/v1/logs` is added where it is missing. */
    url: httpUrl,
    /** Sent as the bearer token, where there is one. */
    secret: secret.optional(),
  }),
]);

export type LogSinkConfig = z.output<typeof logSinkSchema>;

/** Which lines are kept, where, and for how long. Nothing leaves the host unless `sinks` says so. */
export const logSchema = z.strictObject({
  level: level.default("info"),
  /** Levels of single modules: folders of the program, or isolates. */
  modules: z.record(moduleName, level).default({}),
  /** Where the running service prints its lines. */
  console: z.enum(["stderr", "stdout", "off"]).default("stderr"),
  /** A file that is renamed when it is full. */
  file: z.strictObject({
    /** Relative to the home. */
    path: z.string().min(1).default("logs/spgov.log"),
    max_bytes: z.int().min(4096).max(10_737_418_240).default(16_777_216),
    /** Full ones that stay. */
    keep: z.int().min(0).max(1000).default(4),
  }).optional(),
  /** The table `logs`: lines from this level on. */
  table: z.union([level, z.literal("off")]).default("debug"),
  sinks: z.array(logSinkSchema).max(16).refine(
    (sinks) => new Set(sinks.map(({ name }) => name)).size === sinks.length,
    "expected each name once",
  ).default([]),
});

export type LogConfig = z.output<typeof logSchema>;
