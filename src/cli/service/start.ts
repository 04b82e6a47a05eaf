import { listCarriers } from "../../kernel/carriers.ts";
import { AppError } from "../../kernel/errors.ts";
import { homeAt } from "../../kernel/home.ts";
import {
  findService,
  removeServiceRecord,
  type ServiceRecord,
  writeServiceRecord,
} from "../../kernel/service_file.ts";
import { VERSION } from "../../kernel/version.ts";
import type { ServiceOptions } from "../above.ts";
import type { CliContext } from "../context.ts";
import { findProfile } from "../profile.ts";
import { runAgain, startDetached } from "./again.ts";
import { findPlaces } from "./places.ts";
import { fetchServerFiles } from "./server_files.ts";

/** Applied by the first start of all. */
const FIRST_MIGRATION = "audit";

interface StartFlags {
  readonly detach: boolean;
}

export default async function start(this: CliContext, flags: StartFlags): Promise<void> {
  const running = await findService(homeAt(this.home).serviceFile);
  if (running) {
    throw new AppError(
      "conflict",
      `The appliance of "${this.home}" runs already, at ${running.url}`,
      {
        hint: 'Stop it with "spgov stop", or choose another home with --home.',
      },
    );
  }
  const places = await findPlaces(this, { create: true });
  const carriers = listCarriers(this.env, (await findProfile(this))?.environment.keep);
  if (carriers.length > 0) await fetchServerFiles(this, places);
  if (flags.detach) return show(this, await startDetached(this, carriers));
  if (carriers.length > 0) {
    this.out.warn(`Dropped from the environment: ${carriers.join(", ")}`);
    return this.setExit(await runAgain(this, carriers));
  }
  await serveUntilStopped(this, places);
}

async function serveUntilStopped(context: CliContext, places: ServiceOptions): Promise<void> {
  const stopped = new Promise<void>((resolve) =>
    context.signal.addEventListener("abort", () => resolve())
  );
  const service = await context.above.startService({
    ...places,
    onProgress: (step) => context.out.progress(step),
  });
  const file = homeAt(context.home).serviceFile;
  try {
    const record = {
      pid: Deno.pid,
      url: service.url,
      port: service.port,
      version: VERSION,
      startedAt: new Date(context.clock.now()).toISOString(),
      database: service.database,
      gateways: service.gateways,
    };
    await writeServiceRecord(file, record);
    if (service.applied.length > 0) {
      context.out.note(`Migrations applied: ${service.applied.join(", ")}`);
    }
    show(context, record);
    if (service.applied.includes(FIRST_MIGRATION)) {
      context.out.note('To sign in at the pages: "spgov admin users sign-in-link operator"');
    }
    context.out.note("Press Ctrl-C to stop.");
    await stopped;
  } finally {
    await service.stop();
    await removeServiceRecord(file, Deno.pid);
  }
}

function show({ out, home }: CliContext, record: ServiceRecord): void {
  out.card({
    kind: "service",
    data: { ...record, home },
    fields: {
      ready: record.url,
      home,
      database: record.database,
      gateways: record.gateways,
      pid: record.pid,
    },
  });
}
