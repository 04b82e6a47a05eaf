/** A part of an isolate with connections of its own. */
interface Part {
  close(): Promise<void>;
}

/** A part that is loaded when somebody first asks for it. */
export interface LatePart<T extends Part> {
  get(): Promise<T>;
  /** Closes it, if it was ever asked for. */
  close(): Promise<void>;
}

/** What nobody uses takes no memory. `load` imports the part and makes it; after a failure it is called anew. */
export function createLatePart<T extends Part>(load: () => Promise<T>): LatePart<T> {
  let part: Promise<T> | undefined;
  return {
    get: () =>
      part ??= load().catch((error) => {
        part = undefined;
        throw error;
      }),
    close: async () => await (await part)?.close(),
  };
}
