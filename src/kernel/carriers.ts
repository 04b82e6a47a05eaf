/**
 * Variables that can carry data or code past the isolates' permission lists: proxies are honoured without
 * a check, telemetry exports from an isolate that may do nothing, and the runtime's own switches load
 * certificates and modules. Found by experiment; see Deno's documentation of its environment variables.
 */
const CARRIERS = /^(?:(?:https?|all|no|ftp)_proxy|OTEL_.*|NODE_.*|DENO_.*)$/i;

/** Where Deno keeps modules, and switches without any reach; the last one it sets itself on a host without Node. */
const HARMLESS: ReadonlySet<string> = new Set([
  "DENO_DIR",
  "DENO_INSTALL",
  "DENO_NO_UPDATE_CHECK",
  "DENO_NO_PROMPT",
  "DENO_DISABLE_NODE_SHIM",
  "DENO_NODE_SHIM_ACTIVE",
  "DENO_VERSION",
  "NODE_VERSION",
]);

/** The names in `env` that can, without those that the operator keeps on purpose. */
export function listCarriers(
  env: Readonly<Record<string, string>>,
  keep: readonly string[] = [],
): string[] {
  return Object.keys(env).filter((name) =>
    CARRIERS.test(name) && !HARMLESS.has(name) && !keep.includes(name)
  ).sort();
}
