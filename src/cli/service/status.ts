import { homeAt } from "../../kernel/home.ts";
import { findService } from "../../kernel/service_file.ts";
import type { CliContext } from "../context.ts";
import { fetchDirect } from "../direct_fetch.ts";
import { EXIT } from "../exit.ts";

const PATIENCE_MS = 3000;

export default async function status(this: CliContext): Promise<void> {
  const service = await findService(homeAt(this.home).serviceFile);
  if (!service) {
    this.out.card({ kind: "status", data: { running: false, ready: false, home: this.home } });
    return this.setExit(EXIT.unavailable);
  }
  const problem = await findProblem(service.url);
  const data = {
    running: true,
    ready: problem === undefined,
    problem,
    home: this.home,
    ...service,
  };
  this.out.card({ kind: "status", data });
  if (problem !== undefined) this.setExit(EXIT.unavailable);
}

/** What keeps the service from deciding; undefined when it is ready. */
export async function findProblem(url: string): Promise<string | undefined> {
  try {
    const response = await fetchDirect(`${url}/readyz`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { reason } = await response.json();
    return response.ok ? undefined : String(reason);
  } catch {
    return `${url} does not answer`;
  }
}
