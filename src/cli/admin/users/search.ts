import type { CliContext } from "../../context.ts";
import type { PageFlags } from "./flags.ts";
import { printUsers } from "./list.ts";

export default async function search(
  this: CliContext,
  flags: PageFlags,
  text: string,
): Promise<void> {
  await printUsers(this, "users.search", { text }, flags);
}
