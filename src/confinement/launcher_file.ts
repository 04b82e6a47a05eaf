import { launcherText } from "./launcher.ts";
import type { ConfiningHost } from "./host.ts";
import { type ChildPlan, type Places, planChild } from "./plan.ts";
import type { ChildServer } from "./server.ts";

/**
 * Writes the launcher for these servers to `path`, whole or not at all, and answers how each is started.
 * Those that run already go on as they were started.
 */
export async function writeLauncher(
  path: string,
  servers: readonly ChildServer[],
  host: ConfiningHost,
  places: Places,
): Promise<readonly ChildPlan[]> {
  const plans = await Promise.all(servers.map((server) => planChild(server, host, places)));
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.writeTextFile(draft, launcherText(plans, host), { createNew: true, mode: 0o700 });
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw error;
  }
  return plans.map(({ server, confinement, problem, variables }) => ({
    server,
    confinement,
    problem,
    variables,
  }));
}
