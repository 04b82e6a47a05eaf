import { join } from "node:path";
import {
  borrowEmbedded,
  findEmbedded,
  findStaleSockets,
  removeStaleSockets,
} from "../../../postgres/mod.ts";
import { homeAt } from "../../../kernel/home.ts";
import { findService } from "../../../kernel/service_file.ts";
import type { CliContext } from "../../context.ts";
import { findCacheLeftovers } from "./cache.ts";
import { type Leftover, leftoverFile, OLD_MS } from "./leftover.ts";

/** Everything that can go, found by looking only. */
export async function findLeftovers(context: CliContext): Promise<readonly Leftover[]> {
  const service = await findService(homeAt(context.home).serviceFile);
  const isHome = (await Deno.stat(context.home).catch(() => undefined))?.isDirectory ?? false;
  return [
    ...service || !isHome ? [] : [
      ...await staleRecord(context),
      ...await orphanedServer(context),
      ...await staleSockets(context),
    ],
    ...isHome ? await staleDrafts(context) : [],
    ...await findCacheLeftovers(context),
  ];
}

async function staleRecord({ home }: CliContext): Promise<Leftover[]> {
  const path = homeAt(home).serviceFile;
  const info = await Deno.lstat(path).catch(() => undefined);
  if (!info) return [];
  const leftover = leftoverFile("record", path, "its process has ended", info.size);
  const remove = async (): Promise<void> => {
    // A service may have started since.
    if (!await findService(path)) await leftover.remove();
  };
  return [{ ...leftover, remove }];
}

/** The server that outlived a killed service. Nothing is lost by stopping it: the next start starts it. */
async function orphanedServer({ home, log }: CliContext): Promise<Leftover[]> {
  const addresses = await findEmbedded(home);
  if (!addresses) return [];
  const remove = async (): Promise<void> => {
    // Given back by the last who uses it, the server stops; with another user it stays.
    await (await borrowEmbedded({ home, log })).release();
  };
  const path = addresses.owner.host;
  return [{ kind: "database_server", path, reason: "its service was killed", bytes: 0, remove }];
}

async function staleSockets({ home }: CliContext): Promise<Leftover[]> {
  const paths = await findStaleSockets(home);
  return paths.map((path) => ({
    kind: "socket",
    path,
    reason: "no server listens on it",
    bytes: 0,
    remove: async () => void await removeStaleSockets(home),
  }));
}

/** What was written beside its place and never moved there: `service.json.123`, `instance.<uuid>`. */
const DRAFT = /^(?:service\.json\.\d+|instance\.[0-9a-f-]{36}|services\.\d+)$/;

async function staleDrafts({ home, clock }: CliContext): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for await (const { name } of Deno.readDir(home)) {
    if (!DRAFT.test(name)) continue;
    const path = join(home, name);
    const { mtime, size } = await Deno.lstat(path);
    if (clock.now() - (mtime?.getTime() ?? clock.now()) < OLD_MS) continue;
    found.push(leftoverFile("draft", path, "never finished", size));
  }
  return found;
}
