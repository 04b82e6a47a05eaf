import { poolStats } from "../db/mod.ts";
import { createRegistry, type Registry } from "../metrics/mod.ts";

/** A registry with what every isolate has: memory and connections to the database. */
export function createIsolateRegistry(): Registry {
  const registry = createRegistry();
  registry.observe(
    "gauge",
    { name: "spgov.heap", unit: "By", help: "JavaScript heap in use" },
    () => Deno.memoryUsage().heapUsed,
  );
  registry.observe(
    "gauge",
    { name: "spgov.pool.connections", unit: "{connection}", help: "Open connections of a pool" },
    () => poolStats().map(({ name, open }) => ({ labels: { pool: name }, value: open })),
  );
  registry.observe(
    "gauge",
    { name: "spgov.pool.max", unit: "{connection}", help: "Connections that a pool may open" },
    () => poolStats().map(({ name, max }) => ({ labels: { pool: name }, value: max })),
  );
  return registry;
}
