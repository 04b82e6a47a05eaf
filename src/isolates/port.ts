import { AppError, messageOf } from "../kernel/errors.ts";

/**
 * The port that the gateways will share: the one asked for, or any free one for 0. They listen with
 * SO_REUSEPORT, which a second appliance could join unnoticed, so here it must be free for one alone.
 */
export function findFreePort(address: string, port: number): number {
  try {
    using listener = Deno.listen({ hostname: address, port });
    return (listener.addr as Deno.NetAddr).port;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new AppError("conflict", `Cannot listen on ${address}:${port}: the port is in use`, {
        hint: "Choose another with --port N (SPGOV_PORT), or stop what uses it.",
      });
    }
    throw new AppError("unavailable", `Cannot listen on ${address}:${port}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
