import type { CliContext } from "../../context.ts";
import { openService } from "./service_api.ts";
import { getServer, listServers } from "./servers.ts";
import { AppError } from "../../../kernel/errors.ts";

type NoFlags = Readonly<Record<never, never>>;

export default async function restart(this: CliContext, _: NoFlags, name: string): Promise<void> {
  const { transport } = getServer(await listServers(this), name);
  if (transport === "builtin") {
    throw new AppError("usage", `"${name}" is a part of the appliance`, {
      hint: 'Restart that: "spgov infra services restart".',
    });
  }
  const ended = await (await openService(this)).restart(name);
  this.out.card({ kind: "mcp.restart", data: { server: name, ended } });
  this.out.note("The next call starts it again.");
}
