import type { Configuration } from "../config/mod.ts";

/**
 * What a gateway is given of the configuration. The database's addresses in the profile carry the owner's
 * password; a gateway is handed the serving login apart from them, and must not know another.
 */
export function forGateway({ profile, ...rest }: Configuration): Configuration {
  return { ...rest, profile: { ...profile, database: {} } };
}
