import { above } from "./src/app.ts";
import { processHost, runCli } from "./src/cli/mod.ts";

Deno.exit(await runCli(Deno.args, processHost(above)));
