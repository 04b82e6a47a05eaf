import { join } from "node:path";
import { processesOf } from "./embedded_home.ts";
import type { Obstacle } from "./host.ts";
import { startService, type TestService, type TestServiceOptions } from "./service.ts";

/**
 * A test with a service that outlives it: what the service holds is no leak. With an obstacle it is skipped,
 * which its name says.
 */
export function faultTest(name: string, run: () => Promise<void>, obstacle?: Obstacle): void {
  Deno.test({
    name: obstacle === undefined ? name : `${name} (skipped: ${obstacle})`,
    fn: run,
    ignore: obstacle !== undefined,
    sanitizeOps: false,
    sanitizeResources: false,
  });
}

/** A service whose limits no load reaches and whose log says what happens to it. */
export function startFaultService(options: TestServiceOptions = {}): Promise<TestService> {
  return startService({
    callsPerWindow: 1_000_000,
    ...options,
    async prepare(home) {
      await editProfile(home, (text) => text.replace("level: warn", "level: info"));
      await options.prepare?.(home);
    },
  });
}

/** Changes the profile of a home before its service starts. */
export async function editProfile(home: string, edit: (text: string) => string): Promise<void> {
  const path = join(home, "profiles", "local", "profile.yaml");
  await Deno.writeTextFile(path, edit(await Deno.readTextFile(path)));
}

/** Sends a signal to every process of a PostgreSQL server, its postmaster first. */
export async function signalServer(postmaster: number, signal: Deno.Signal): Promise<void> {
  for (const pid of await processesOf(postmaster)) {
    try {
      Deno.kill(pid, signal);
    } catch {
      // It went with its parent.
    }
  }
}
