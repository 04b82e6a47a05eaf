/** Where an identity provider is reached, as its configuration says. */
export interface ProviderPlaces {
  readonly issuer: string;
  /** `host` or `host:port` of endpoints that are not the issuer's. */
  readonly hosts: readonly string[];
}

/** The hosts of a provider with their ports: all that egress may ask for it. */
export function providerEndpoints({ issuer, hosts }: ProviderPlaces): string[] {
  return [
    endpointOf(new URL(issuer)),
    ...hosts.map((host) => /:\d+$/.test(host) ? host : `${host}:443`),
  ];
}

/** `host:port` of an address. */
export function endpointOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}
