import type { FetchedDocument, HttpsGet } from "../egress/mod.ts";

/** What the supervisor does for egress, which may not reach hosts that clients name. */
export interface DocumentsApi {
  /** Fetches the document at an `https` URL, in an isolate of its own. */
  fetchDocument(url: string): Promise<FetchedDocument>;
}

/** The isolate that fetches one document and ends. */
export interface DocumentApi {
  get(request: HttpsGet): Promise<FetchedDocument>;
}
