import * as z from "zod";
import { findNetwork } from "../kernel/networks.ts";
import { logSchema } from "./log_config.ts";
import { smtpSchema } from "./smtp_config.ts";
import { telemetrySchema } from "./telemetry_config.ts";

const port = z.int().min(0).max(65_535);
const network = z.string().refine(
  (text) => findNetwork(text) !== undefined,
  "expected an IP address or a network such as 10.0.0.0/8",
);

const ORIGIN = /^https:\/\/[^/?#@]+$|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;
const origin = z.url().regex(ORIGIN, "expected an origin such as https://gov.example.com");

/** `<home>/profiles/<name>/profile.yaml`: the environment that the same `services/` tree runs in. */
export const profileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/),
  /** Whether MCP servers that are meant for development only run. */
  development: z.boolean().default(false),
  server: z.strictObject({
    /** Address to listen on; loopback unless it says otherwise. */
    address: z.string().default("127.0.0.1"),
    port: port.default(8080),
    /**
     * Where clients reach us, e.g. `https://gov.example.com`: the issuer of tokens and the beginning of
     * every resource's URL. Without it only clients of this host can sign in.
     */
    public_url: origin.optional(),
    /** Gateway isolates; `auto` is one for every two cores, at least one. */
    gateways: z.union([z.literal("auto"), z.int().min(1).max(64)]).default("auto"),
    /** Proxies (addresses or networks) whose `X-Forwarded-For` counts. */
    trusted_proxies: z.array(network).default([]),
    /** Connections a guarded listener holds at once. */
    max_connections: z.int().min(1).max(100_000).default(10_000),
    /**
     * `guarded` closes slow and idle connections; `plain` is faster and does not. `auto` guards every
     * address but loopback.
     */
    listener: z.enum(["auto", "guarded", "plain"]).default("auto"),
  }).prefault({}),
  database: z.strictObject({
    /** `postgres://…` of an external server for migrations and upkeep; embedded when absent. */
    url: z.string().optional(),
    /** The same server for the gateways, as a login that may only append. */
    serving_url: z.string().optional(),
    /** The same server for the isolate that opens secrets, as a login that holds `spgov_vault`. */
    vault_url: z.string().optional(),
  }).prefault({}),
  /** The `services/` folder, relative to the folder that holds the home; found by itself when absent. */
  services: z.string().optional(),
  log: logSchema.prefault({}),
  backups: z.strictObject({
    /** Absolute path of a folder, best on another disk; `<home>/backups` unless given. */
    folder: z.string().regex(/^\/[^\0]*$/, "expected an absolute path").optional(),
  }).prefault({}),
  egress: z.strictObject({
    /** `host` or `host:port` that the egress isolate may reach. */
    hosts: z.array(z.string().regex(/^[A-Za-z0-9.*-]+(:\d{1,5})?$/)).default([]),
  }).prefault({}),
  oauth: z.strictObject({
    /**
     * Hosts whose client metadata documents are fetched although they have private addresses, or another
     * port than 443: `host` or `host:port`.
     */
    document_hosts: z.array(z.string().regex(/^([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/)).default(
      [],
    ),
    /** Certificates (PEM) that documents' hosts may be signed by, beside the usual ones. */
    document_ca: z.string().optional(),
  }).prefault({}),
  telemetry: z.strictObject({ otlp: telemetrySchema.optional() }).prefault({}),
  smtp: smtpSchema.optional(),
  environment: z.strictObject({
    /** Variables that can carry data or code past the permission lists, kept on purpose. */
    keep: z.array(z.string()).default([]),
  }).prefault({}),
});

export type Profile = z.output<typeof profileSchema>;
