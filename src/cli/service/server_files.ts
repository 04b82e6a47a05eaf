import { prepareServerFiles } from "../../postgres/mod.ts";
import type { ServiceOptions } from "../above.ts";
import type { CliContext } from "../context.ts";
import { findProfile } from "../profile.ts";

/**
 * Gets the embedded PostgreSQL while the environment is still whole: from source it comes from the
 * registry at the first start, and the way there may lead over a proxy or a certificate authority that only
 * a variable names, which the service itself must not have.
 */
export async function fetchServerFiles(
  context: CliContext,
  { databaseUrl }: ServiceOptions,
): Promise<void> {
  const external = databaseUrl ?? (await findProfile(context))?.database.url;
  if (external === undefined) await prepareServerFiles();
}
