import type { CliContext } from "../../context.ts";
import start from "../../service/start.ts";

export default async function serve(this: CliContext): Promise<void> {
  await start.call(this, { detach: false });
}
