import type { CliContext } from "../context.ts";
import { DEMOS } from "./demos/mod.ts";

export default function list(this: CliContext): void {
  const rows = DEMOS.map(({ name, title }) => ({ name, title }));
  this.out.table({ kind: "demo.list", columns: ["name", "title"], rows, data: { demos: rows } });
}
