import type { CliContext } from "../context.ts";

type NoFlags = Readonly<Record<never, never>>;

export default async function serveDemo(this: CliContext, _: NoFlags, name: string): Promise<void> {
  await this.above.serveDemo(name);
}
