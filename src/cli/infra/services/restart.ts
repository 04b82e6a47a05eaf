import { AppError } from "../../../kernel/errors.ts";
import { homeAt } from "../../../kernel/home.ts";
import { findService, type ServiceRecord } from "../../../kernel/service_file.ts";
import type { CliContext } from "../../context.ts";
import { splitGlobals } from "../../globals.ts";
import { findProfile } from "../../profile.ts";
import start from "../../service/start.ts";
import { endService } from "../../service/stop.ts";

export default async function restart(this: CliContext): Promise<void> {
  const record = await findService(homeAt(this.home).serviceFile);
  const context = asStart(this, record && await givenPort(record));
  if (record) {
    await refuseOtherDatabase(this, record);
    await endService(this, record);
  }
  await start.call(context, { detach: true });
}

/** The context in which this command line would have been `spgov start`. */
function asStart(context: CliContext, oldPort: number | undefined): CliContext {
  const port = context.port ?? oldPort;
  const { home, profileName } = context;
  const args = [
    "start",
    "--home",
    home,
    ...profileName === undefined ? [] : ["--profile", profileName],
    ...port === undefined ? [] : ["--port", `${port}`],
  ];
  return Object.create(context, { port: { value: port }, commandLine: { value: () => args } });
}

/** The port that the running service was told on its command line; undefined where it was the profile's. */
async function givenPort({ pid, port }: ServiceRecord): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return port;
  try {
    const [args, variables] = await Promise.all([
      readList(`/proc/${pid}/cmdline`),
      readList(`/proc/${pid}/environ`),
    ]);
    const env = Object.fromEntries(
      variables.map((
        text,
      ) => [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)]),
    );
    const asked = splitGlobals(args, { SPGOV_PORT: env.SPGOV_PORT ?? "" }).globals.port;
    // Any free port was asked for: the one it got is the one that clients know.
    return asked === 0 ? port : asked;
  } catch {
    return port;
  }
}

async function readList(path: string): Promise<string[]> {
  return (await Deno.readTextFile(path)).split("\0").filter((text) => text !== "");
}

/** A restart must not bring the service up on another database because a variable is missing here. */
async function refuseOtherDatabase(context: CliContext, record: ServiceRecord): Promise<void> {
  const url = context.env.DATABASE_URL || (await findProfile(context))?.database.url;
  const wanted = url ? "external" : "embedded";
  if (wanted === record.database) return;
  throw new AppError(
    "conflict",
    `The service runs on an ${record.database} database, and would come back on an ${wanted} one`,
    { hint: "Set DATABASE_URL as it was, or stop and start it to change the database." },
  );
}
