import type { CliContext } from "../../context.ts";
import { findAddress } from "../../core/hooks/address.ts";
import { findProfile } from "../../profile.ts";

/** Where the pages are for whoever opens a link. */
export async function findBase(context: CliContext): Promise<string> {
  const publicUrl = (await findProfile(context))?.server.public_url;
  return publicUrl?.replace(/\/+$/, "") ?? (await findAddress(context)).url;
}
