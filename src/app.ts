import type { Above } from "./cli/above.ts";

/** What the command line is given of the layers above it; each part is loaded when it is first used. */
export const above: Above = {
  async parseProfile(text, file) {
    const [{ parseConfig }, { profileSchema }] = await Promise.all([
      import("./kernel/config_file.ts"),
      import("./config_profile.ts"),
    ]);
    return parseConfig(profileSchema, text, file);
  },
  async loadConfiguration(profilePath, services) {
    const [{ parseConfiguration }, { readConfigSources }] = await Promise.all([
      import("./config.ts"),
      import("./config_files.ts"),
    ]);
    const loaded = await parseConfiguration(await readConfigSources(profilePath, services));
    if (!loaded.ok) return loaded;
    return { ok: true, ...loaded.value };
  },
  async startService(options) {
    const { startService } = await import("./isolates/supervisor.ts");
    return await startService(options);
  },
  async listPermissions(options) {
    const { listPermissions } = await import("./isolates/supervisor.ts");
    return await listPermissions(options);
  },
};
