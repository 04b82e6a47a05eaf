/**
 * A bundle: a part of the log in one file that proves itself, with no database and no network.
 *
 * Lines of canonical JSON (RFC 8785), each ended by `\n`, whose bytes are exactly that. Each has one member:
 *
 * - first `{"bundle": {"format": "spgov-audit-bundle", "version": 1, "created_at", "filter", "public_keys"}}`:
 *   `filter` is empty or has `since`, `until`, `session`; `public_keys` maps key ids to base64;
 * - then for every chain `{"chain": {"writer", "n", "batch", "root"}}`, the state before the first batch that
 *   follows (root in base64), and if that is not the beginning, the seal that signed it;
 * - `{"batch": {"batch", "first_n", "leaves", "root", "previous_root"}}`, in order, hashes in base64;
 * - `{"row": {"n", "data"}}` after the batch that holds row n; `data` is the row of verify.ts;
 * - `{"seal": …}` after the batch that it signs, with the members of table `audit_seals` (root and signature
 *   in base64, previous_seal in hexadecimal);
 * - last `{"end": {"chains", "batches", "rows", "seals"}}`, the number of each.
 *
 * Hashes, links and signatures are those of verify.ts. Every chain ends with a seal. Rows that the filter left out
 * stand in it by their leaves only: a bundle proves what it shows, not that it shows everything. The keys
 * that it carries prove that it is of one piece; whose it is, the pinned key id proves.
 */
export const BUNDLE_FORMAT = "spgov-audit-bundle";
export const BUNDLE_VERSION = 1;

export interface BundleHeader {
  readonly format: typeof BUNDLE_FORMAT;
  readonly version: typeof BUNDLE_VERSION;
  readonly created_at: string;
  readonly filter: { readonly since?: string; readonly until?: string; readonly session?: string };
  readonly public_keys: Readonly<Record<string, string>>;
}

export interface BundleChain {
  readonly writer: string;
  /** The first and the last row that its batches count. */
  readonly firstN: number;
  readonly lastN: number;
  /** Rows that are shown. */
  readonly rows: number;
  readonly batches: number;
  readonly seals: number;
}
