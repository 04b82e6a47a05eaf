import type { Above } from "./cli/mod.ts";

/** What the command line is given of the layers above it; loaded when it is first used. */
export const above: Above = {
  async startService(options) {
    const { startService } = await import("./isolates/mod.ts");
    return await startService(options);
  },
  async listPermissions(options) {
    const { listPermissions } = await import("./isolates/mod.ts");
    return await listPermissions(options);
  },
  async deliverMail(server, mail) {
    const { deliverMail } = await import("./isolates/mod.ts");
    return await deliverMail(server, mail);
  },
  async serveDemo(name) {
    const { serveDemo } = await import("../demo/servers/mod.ts");
    await serveDemo(name);
  },
};
