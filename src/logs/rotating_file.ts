/** Where lines go that are kept in a file. */
export interface RotatingFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  /** Full files that stay: `<path>.1` is the newest. */
  readonly keep: number;
  readonly onProblem: (problem: string) => void;
}

/**
 * A file that is renamed when the next line would not fit. Lines are never split over two files. What cannot
 * be written (a full disk) is reported once until it can again.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #file: Deno.FsFile | undefined;
  #size = 0;
  #failing = false;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Appends whole lines. */
  write(bytes: Uint8Array): void {
    try {
      if (this.#file && this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) {
        this.#rotate();
      }
      this.#file ??= this.#open();
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
      this.#size += bytes.length;
      this.#failing = false;
    } catch (error) {
      this.close();
      if (!this.#failing) this.#options.onProblem(String(error));
      this.#failing = true;
    }
  }

  close(): void {
    try {
      this.#file?.close();
    } finally {
      this.#file = undefined;
    }
  }

  #open(): Deno.FsFile {
    const { path, maxBytes } = this.#options;
    const file = Deno.openSync(path, { append: true, create: true, mode: 0o600 });
    this.#size = file.statSync().size;
    if (this.#size < maxBytes) return file;
    file.close();
    this.#shift();
    this.#size = 0;
    return Deno.openSync(path, { append: true, create: true, mode: 0o600 });
  }

  #rotate(): void {
    this.close();
    this.#shift();
    this.#size = 0;
  }

  #shift(): void {
    const { path, keep } = this.#options;
    if (keep === 0) return Deno.removeSync(path);
    for (let i = keep - 1; i >= 1; i--) rename(`${path}.${i}`, `${path}.${i + 1}`);
    rename(path, `${path}.1`);
  }
}

function rename(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
