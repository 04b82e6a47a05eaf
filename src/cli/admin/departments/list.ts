import { listDepartments } from "../../../identity/mod.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import { nodeRow } from "./view.ts";

export default async function list(
  this: CliContext,
  { below }: { readonly below?: string },
): Promise<void> {
  const { sql } = await openDatabase(this);
  const nodes = await listDepartments(sql, below);
  const rows = nodes.map((node) => ({
    ...nodeRow(node),
    department: `${"  ".repeat(node.path.length - 1)}${node.name}`,
  }));
  this.out.table({
    kind: "departments.list",
    rows,
    columns: ["department", "members", "description"],
    data: { departments: nodes.map(nodeRow), total: nodes.length },
    empty: "No department.",
  });
}
