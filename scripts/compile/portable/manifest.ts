/** What the portable executable unpacks to, written beside the program. */
export interface Manifest {
  /** Name of the folder: version and the beginning of `sha256`. */
  readonly id: string;
  /** Over paths, modes, sizes and contents. */
  readonly sha256: string;
  /** All files together. */
  readonly bytes: number;
  readonly files: Readonly<Record<string, ManifestFile>>;
}

export interface ManifestFile {
  readonly size: number;
  readonly sha256: string;
}

export const MANIFEST = "manifest.json";

/** The mark of a folder that was unpacked in full; also known to `src/postgres/postgres_files.ts`. */
export const COMPLETE = "complete";
