import { AppError } from "../../kernel/errors.ts";
import { homeAt } from "../../kernel/home.ts";
import { findService } from "../../kernel/service_file.ts";
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
  Deno.kill(service.pid, "SIGTERM");
  this.out.progress(`Stopping process ${service.pid}`);
  for (const end = performance.now() + STOP_MS; performance.now() < end;) {
    if (!await findService(file)) {
      const data = { stopped: true, pid: service.pid, home: this.home };
      return this.out.card({ kind: "service.stopped", data });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new AppError("internal", `Process ${service.pid} did not stop within 60 s`);
}
