import type { Sql } from "../db/mod.ts";
import type { FetchedDocument } from "../egress/mod.ts";
import { type Client, isDocumentId } from "./client.ts";
import { documentClient, documentIdProblem } from "./client_document.ts";
import { findStoredClient } from "./client_store.ts";
import { OAuthError } from "./oauth_error.ts";

/** Finds a client by its id. Throws `invalid_client` where there is none that can be used. */
export type GetClient = (id: string) => Promise<Client>;

export interface ClientFinderOptions {
  readonly sql: Sql;
  /** Whether the configuration lets clients be described by documents. */
  readonly documents: () => boolean;
  readonly fetchDocument: (id: string) => Promise<FetchedDocument>;
}

/** Clients of the database, and those whose id is the URL of a document. */
export function createClientFinder(
  { sql, documents, fetchDocument }: ClientFinderOptions,
): GetClient {
  return async (id) => {
    if (isDocumentId(id)) {
      const problem = documents() ? documentIdProblem(id) : "such clients are not let in";
      if (problem) throw new OAuthError("invalid_client", `The client id is refused: ${problem}`);
      return documentClient(id, await fetchDocument(id));
    }
    const client = id.length > 256 ? undefined : await findStoredClient(sql, id);
    if (client) return client;
    throw new OAuthError("invalid_client", "The client is not known here");
  };
}
