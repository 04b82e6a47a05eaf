import { isIP } from "node:net";

/** Whom passkeys are made for. */
export interface PasskeyHost {
  /** The relying party's id: the host of our base URL. */
  readonly host: string;
  /** Where the browser says the page came from. */
  readonly origin: string;
}

/** The host of a base URL; undefined for an IP address, for which browsers make no passkeys. */
export function findPasskeyHost(base: string): PasskeyHost | undefined {
  const { hostname, origin } = new URL(base);
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;
  return isAddress ? undefined : { host: hostname, origin };
}
