import type { Client } from "../../../../oauth/mod.ts";

/** A client as `--json` prints it. */
export interface ClientView {
  readonly id: string;
  readonly name: string;
  readonly kind: Client["kind"];
  readonly auth_method: Client["authMethod"];
  readonly grant_types: Client["grantTypes"];
  readonly redirect_uris: readonly string[];
  /** null: whatever servers have. */
  readonly scopes: readonly string[] | null;
  readonly service_account: string | null;
  readonly introspects: boolean;
}

export function clientView(client: Client): ClientView {
  return {
    id: client.id,
    name: client.name,
    kind: client.kind,
    auth_method: client.authMethod,
    grant_types: client.grantTypes,
    redirect_uris: client.redirectUris,
    scopes: client.scopes,
    service_account: client.userId,
    introspects: client.introspects,
  };
}
