import { moduleUrl } from "../kernel/assets.ts";
import type { IsolateName } from "./protocol.ts";

/**
 * The modules that isolates start with, by their paths in the checkout. Nothing imports them, so the
 * build of the executable takes them from this list.
 */
export const ENTRIES: Readonly<Record<IsolateName, string>> = {
  configuration: "src/isolates/configuration.ts",
  gateway: "src/isolates/gateway.ts",
  egress: "src/isolates/egress.ts",
  documents: "src/isolates/documents.ts",
  jobs: "src/isolates/jobs.ts",
  logs: "src/isolates/logs.ts",
  mail: "src/isolates/mail.ts",
  telemetry: "src/isolates/telemetry.ts",
};

/** The module that an isolate starts with. */
export function entryUrl(kind: IsolateName): string {
  return moduleUrl(ENTRIES[kind]);
}
