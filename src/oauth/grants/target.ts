import { ACCOUNT, type Servers } from "../servers.ts";

/** The name of the server at a resource's URL, as long as it is there. */
export function serverAt(servers: Servers, issuer: string, resource: string): string | undefined {
  return [...servers.list(), ACCOUNT].find(({ path }) => `${issuer}${path}` === resource)?.name;
}
