import type { FetchedDocument } from "../egress/mod.ts";
import type { Client } from "./client.ts";
import { clientOf, readClientMetadata } from "./client_metadata.ts";
import { OAuthError } from "./oauth_error.ts";

const MAX_ID = 512;

/**
 * Why `id` cannot be the address of a metadata document; undefined when it can: `https`, a host name, a
 * path, and nothing that two readers could take apart differently.
 */
export function documentIdProblem(id: string): string | undefined {
  if (id.length > MAX_ID) return "it is too long";
  const url = URL.parse(id);
  if (!url || url.protocol !== "https:") return "it is no https URL";
  if (url.href !== id) return "it is not in its canonical form";
  if (url.username !== "" || url.password !== "" || id.includes("@")) {
    return "it has user information";
  }
  if (id.includes("#")) return "it has a fragment";
  if (id.includes("?")) return "it has a query";
  if (url.pathname === "/") return "it has no path";
  if (/%2e/i.test(id)) return "it has dot segments";
  return undefined;
}

/** The client that the document at `id` describes. Throws `invalid_client`. */
export function documentClient(id: string, fetched: FetchedDocument): Client {
  if (!fetched.ok) throw refuse(fetched.reason);
  try {
    const metadata = readClientMetadata(fetched.document);
    if (metadata.client_id !== id) throw refuse("it speaks of another client");
    if ("client_secret" in fetched.document || "client_secret_expires_at" in fetched.document) {
      throw refuse("it publishes a secret");
    }
    return clientOf(metadata, {
      id,
      kind: "document",
      authMethods: ["none", "private_key_jwt"],
      defaultAuthMethod: "none",
    });
  } catch (error) {
    if (error instanceof OAuthError && error.code !== "invalid_client") throw refuse(error.message);
    throw error;
  }
}

function refuse(reason: string): OAuthError {
  return new OAuthError("invalid_client", `The client's document cannot be used: ${reason}`);
}
