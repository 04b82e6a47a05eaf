import { homeAt } from "../../../kernel/home.ts";
import { findService, type ServiceRecord } from "../../../kernel/service_file.ts";
import type { CliContext } from "../../context.ts";
import { EXIT } from "../../exit.ts";
import { formatBytes } from "../../output/cell.ts";
import { tableView, type View } from "../../output/view.ts";
import { findProblem } from "../../service/status.ts";
import { type Connections, countConnections, residentBytes } from "./load.ts";
import { type IsolateMetrics, readMetrics } from "./metrics.ts";
import { databasePart, type Part, runningParts, stoppedParts } from "./parts.ts";

interface Flags {
  readonly detailed: boolean;
  readonly health: boolean;
}

interface Details {
  readonly gateways: readonly IsolateMetrics[];
  /** The other isolates. */
  readonly isolates: readonly IsolateMetrics[];
  readonly connections: readonly Connections[];
  readonly resident_bytes: number | null;
}

export default async function status(this: CliContext, flags: Flags): Promise<void> {
  const record = await findService(homeAt(this.home).serviceFile);
  const problem = record && await findProblem(record.url);
  const services: readonly Part[] = [
    ...record ? runningParts(record, problem) : stoppedParts(),
    await databasePart(this, record, problem),
  ];
  const running = services.filter(({ state }) => state === "running").length;
  const summary = { total: services.length, running, stopped: services.length - running };
  const details = record && (flags.detailed || flags.health)
    ? await readDetails(this, record)
    : undefined;
  this.out.report({
    kind: "services.status",
    data: { services, summary, url: record?.url ?? null, ...details },
    views: [
      tableView(
        ["name", "kind", "state", { label: "PID", of: ({ pid }) => pid }, "detail"],
        services,
      ),
      ...details ? detailViews(details) : [],
    ],
  });
  this.out.note(`${running}/${services.length} running`);
  if (!record || running < services.length) this.setExit(EXIT.unavailable);
}

async function readDetails(context: CliContext, record: ServiceRecord): Promise<Details> {
  const [metrics, connections, bytes] = await Promise.all([
    readMetrics(record.url).catch(() => []),
    countConnections(context).catch(() => []),
    residentBytes(record.pid),
  ]);
  const isGateway = ({ isolate }: IsolateMetrics) => isolate.startsWith("gateway-");
  return {
    gateways: metrics.filter(isGateway),
    isolates: metrics.filter((each) => !isGateway(each)),
    connections,
    resident_bytes: bytes ?? null,
  };
}

function detailViews(
  { gateways, isolates, connections, resident_bytes: bytes }: Details,
): View[] {
  const counters = [...gateways, ...isolates].flatMap(({ isolate, values }) =>
    Object.entries(values).map(([name, value]) => ({ isolate, counter: name, value }))
  );
  const memory = bytes === null ? [] : [{ of: "whole process", resident: formatBytes(bytes) }];
  return [
    tableView(["isolate", "counter", "value"], counters, "COUNTERS"),
    tableView(["application", "connections", "busy"], connections, "DATABASE CONNECTIONS"),
    tableView(["of", "resident"], memory, "MEMORY"),
  ];
}
