import { createRegistry, type Registry } from "../metrics/mod.ts";

/** What the supervisor knows: the whole process, and how often isolates were started again. */
export function createProcessRegistry(
  restarts: () => ReadonlyMap<string, number>,
  now: () => number = () => performance.now(),
): Registry {
  const registry = createRegistry();
  const start = now();
  registry.observe(
    "gauge",
    { name: "process.memory.usage", unit: "By", help: "Memory of the process that is resident" },
    () => Deno.memoryUsage().rss,
  );
  registry.observe(
    "counter",
    { name: "process.cpu.time", unit: "s", help: "Processor time of the process" },
    readCpuSeconds,
  );
  registry.observe(
    "gauge",
    { name: "process.uptime", unit: "s", help: "Since the service was started" },
    () => (now() - start) / 1000,
  );
  registry.observe(
    "counter",
    {
      name: "spgov.isolate.restarts",
      unit: "{start}",
      help: "Isolates that failed and were started again",
    },
    () => Array.from(restarts(), ([kind, value]) => ({ labels: { kind }, value })),
  );
  return registry;
}

/** Linux counts in hundredths of a second, whatever its timer does. Elsewhere there is no such file. */
async function readCpuSeconds(): Promise<number> {
  const text = await Deno.readTextFile("/proc/self/stat");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
