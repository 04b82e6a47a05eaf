import { above } from "./src/app.ts";
import { processHost } from "./src/cli/host.ts";
import { runCli } from "./src/cli/main.ts";

Deno.exit(await runCli(Deno.args, processHost(above)));
