import { processHost } from "./src/cli/host.ts";
import { runCli } from "./src/cli/main.ts";

const host = processHost({
  async parseProfile(text, file) {
    const { parseConfig } = await import("./src/kernel/config_file.ts");
    const { profileSchema } = await import("./src/config_profile.ts");
    return parseConfig(profileSchema, text, file);
  },
});

Deno.exit(await runCli(Deno.args, host));
