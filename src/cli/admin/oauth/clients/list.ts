import { listClients } from "../../../../oauth/mod.ts";
import type { CliContext } from "../../../context.ts";
import { openDatabase } from "../../../database.ts";
import { clientView } from "./view.ts";

export default async function list(this: CliContext): Promise<void> {
  const { sql } = await openDatabase(this);
  const clients = await listClients(sql);
  const rows = clients.map((client) => ({ ...clientView(client), created_at: client.createdAt }));
  this.out.table({
    kind: "oauth.clients",
    rows,
    columns: ["id", "name", "kind", "auth_method", "created_at"],
    data: { clients: rows },
    empty: "No client. Clients that a document at their id describes are not registered.",
  });
}
