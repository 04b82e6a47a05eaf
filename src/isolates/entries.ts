import type { IsolateName } from "./protocol.ts";

/** The module that an isolate starts with. The one place that knows how the program is laid out. */
export function entryUrl(kind: IsolateName): string {
  return ENTRIES[kind]();
}

const ENTRIES: Readonly<Record<IsolateName, () => string>> = {
  configuration: () => new URL("./configuration.ts", import.meta.url).href,
  gateway: () => new URL("./gateway.ts", import.meta.url).href,
  egress: () => new URL("./egress.ts", import.meta.url).href,
  jobs: () => new URL("./jobs.ts", import.meta.url).href,
};
