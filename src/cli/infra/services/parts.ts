import { findEmbedded } from "../../../postgres/mod.ts";
import type { ServiceRecord } from "../../../kernel/service_file.ts";
import type { CliContext } from "../../context.ts";
import { findProfile } from "../../profile.ts";

export type PartState = "running" | "not_ready" | "stopped" | "unknown";

/** One part of the appliance, as `status` lists it. */
export interface Part {
  readonly name: string;
  readonly kind: "process" | "isolate" | "database";
  readonly state: PartState;
  readonly detail: string;
  readonly pid?: number;
}

/** What each isolate is there for, in the order of a start. */
const ISOLATES = [
  ["jobs", "upkeep of the database"],
  ["egress", "keys, seals and what may be reached outside"],
] as const;

/** The parts of a service that runs. `problem`: what keeps it from deciding, when something does. */
export function runningParts(record: ServiceRecord, problem: string | undefined): readonly Part[] {
  const { pid, url, version, startedAt, gateways } = record;
  return [
    {
      name: "supervisor",
      kind: "process",
      state: "running",
      detail: `${url}, version ${version}, since ${startedAt}`,
      pid,
    },
    // One of these cannot end alone: the process ends with it.
    ...ISOLATES.map(([name, detail]) => ({
      name,
      kind: "isolate" as const,
      state: "running" as const,
      detail,
    })),
    ...Array.from({ length: gateways }, (_, index) => ({
      name: `gateway-${index}`,
      kind: "isolate" as const,
      state: problem === undefined ? "running" as const : "not_ready" as const,
      detail: problem ?? "decides and records",
    })),
  ];
}

/** The parts of a service that does not run. */
export function stoppedParts(): readonly Part[] {
  const isolates = [...ISOLATES, ["gateway-0", "decides and records"]] as const;
  return [
    { name: "supervisor", kind: "process", state: "stopped", detail: "no service in this home" },
    ...isolates.map(([name, detail]) => ({
      name,
      kind: "isolate" as const,
      state: "stopped" as const,
      detail,
    })),
  ];
}

/** The database, looked at from outside: nothing is started for it. */
export async function databasePart(
  context: CliContext,
  record: ServiceRecord | undefined,
  problem: string | undefined,
): Promise<Part> {
  const url = context.env.DATABASE_URL || (await findProfile(context))?.database.url;
  const isExternal = record ? record.database === "external" : Boolean(url);
  if (isExternal) {
    const state = record === undefined
      ? "unknown"
      : problem === undefined
      ? "running"
      : "not_ready";
    return { name: "postgresql", kind: "database", state, detail: "external" };
  }
  const embedded = await findEmbedded(context.home);
  const detail = embedded ? `embedded, socket in ${embedded.owner.host}` : "embedded";
  const state = embedded ? "running" : "stopped";
  return { name: "postgresql", kind: "database", state, detail };
}
