import { AppError } from "../../kernel/errors.ts";
import { homeAt } from "../../kernel/home.ts";
import { findService, type ServiceRecord } from "../../kernel/service_file.ts";
import type { CliContext } from "../context.ts";

const STOP_MS = 60_000;

/** Stopping what does not run is no failure: afterwards it does not run. */
export default async function stop(this: CliContext): Promise<void> {
  const file = homeAt(this.home).serviceFile;
  const service = await findService(file);
  if (!service) {
    this.out.note(`No appliance runs in "${this.home}"`);
    return this.out.card({ kind: "service.stopped", data: { stopped: false, home: this.home } });
  }
  await endService(this, service);
  this.out.card({
    kind: "service.stopped",
    data: { stopped: true, pid: service.pid, home: this.home },
  });
}

/** Ends the service and waits until it has ended. Throws `internal` when it does not within a minute. */
export async function endService(context: CliContext, { pid }: ServiceRecord): Promise<void> {
  Deno.kill(pid, "SIGTERM");
  context.out.progress(`Stopping process ${pid}`);
  for (const end = performance.now() + STOP_MS; performance.now() < end;) {
    if (!await findService(homeAt(context.home).serviceFile)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new AppError("internal", `Process ${pid} did not stop within 60 s`);
}
