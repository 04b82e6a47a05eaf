import { dirname, resolve } from "node:path";
import type { Configuration } from "../config/mod.ts";
import type { IdentityConfig, ProviderConfig } from "../federation/config/mod.ts";
import { AppError, messageOf } from "../kernel/errors.ts";

/**
 * What egress is given of the configuration to sign people in elsewhere. It may not read the files of
 * authorities: it gets the certificates themselves. Paths are relative to the folder that `services` is in.
 */
export async function providersOf(
  { identity }: Configuration,
  services: string,
): Promise<IdentityConfig> {
  const base = dirname(services);
  const providers = identity.providers.map((provider) => withAuthority(provider, base));
  return { ...identity, providers: await Promise.all(providers) };
}

async function withAuthority(provider: ProviderConfig, base: string): Promise<ProviderConfig> {
  if (provider.ca === undefined) return provider;
  try {
    return { ...provider, ca: await Deno.readTextFile(resolve(base, provider.ca)) };
  } catch (cause) {
    const message = `Cannot read the authority of provider "${provider.name}": ${messageOf(cause)}`;
    throw new AppError("invalid", message, { cause });
  }
}
