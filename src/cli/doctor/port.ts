import { type CliContext, DEFAULT_PORT } from "../context.ts";
import { findProfile } from "../profile.ts";
import { type Check, fail, ok } from "./check.ts";

export const port: Check = {
  name: "port",
  async run(context) {
    const { hostname, number } = await wanted(context);
    const where = `${hostname}:${number}`;
    try {
      Deno.listen({ hostname, port: number }).close();
      return ok(`${where} is free`);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
    if (await isOurs(context.home, number)) return ok(`${where} is the service of this home`);
    return fail(
      `${where} is in use by something else`,
      "Choose another port by --port or SPGOV_PORT.",
    );
  },
};

async function wanted(context: CliContext): Promise<{ hostname: string; number: number }> {
  const server = (await findProfile(context).catch(() => undefined))?.server;
  return {
    hostname: server?.address ?? "127.0.0.1",
    number: context.port ?? server?.port ?? DEFAULT_PORT,
  };
}

/** Whether the service that this home says it runs is alive and has the port. */
async function isOurs(home: string, port: number): Promise<boolean> {
  try {
    const service = JSON.parse(await Deno.readTextFile(`${home}/service.json`));
    await Deno.stat(`/proc/${service.pid}`).catch((error) => {
      if (Deno.build.os === "linux") throw error;
    });
    return service.port === port;
  } catch {
    return false;
  }
}
