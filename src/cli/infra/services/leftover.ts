/** Something that nobody needs any more. */
export interface Leftover {
  readonly kind: "record" | "draft" | "socket" | "database_server" | "cache";
  readonly path: string;
  /** Why it may go, in a few words. */
  readonly reason: string;
  readonly bytes: number;
  remove(): Promise<void>;
}

/** An hour: whatever still writes a draft has long finished it. */
export const OLD_MS = 3_600_000;

/** A file of which nobody but this verb knows whether it is still there. */
export function leftoverFile(
  kind: Leftover["kind"],
  path: string,
  reason: string,
  bytes: number,
): Leftover {
  const remove = (): Promise<void> =>
    Deno.remove(path, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  return { kind, path, reason, bytes, remove };
}
