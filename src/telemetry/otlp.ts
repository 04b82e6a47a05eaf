import { type HrTime, SpanKind, SpanStatusCode, TraceFlags, ValueType } from "@opentelemetry/api";
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Family, Point, Snapshot } from "../metrics/mod.ts";
import type { SpanRecord } from "./span.ts";

export type Protocol = "http/protobuf" | "http/json";

/** What stands on everything that is sent. */
export interface Sender {
  readonly serviceName: string;
  readonly version: string;
  /** Id of this installation. */
  readonly instance: string;
}

/** A request's body and what it is. */
export interface Payload {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The conventions that names follow: those for GenAI and MCP are still under development. */
const SCOPE = { name: "spgov", schemaUrl: "https://opentelemetry.io/schemas/1.41.0" };

/** Spans in the form of `protocol`. */
export function encodeSpans(
  spans: readonly SpanRecord[],
  sender: Sender,
  protocol: Protocol,
): Payload {
  const resource = resourceOf(sender);
  const scope = { ...SCOPE, version: sender.version };
  const readable = spans.map((span) => toReadable(span, resource, scope));
  const serializer = protocol === "http/json" ? JsonTraceSerializer : ProtobufTraceSerializer;
  return payload(serializer.serializeRequest(readable), protocol);
}

/** The numbers of every isolate in the form of `protocol`. */
export function encodeMetrics(
  snapshots: readonly Snapshot[],
  now: number,
  sender: Sender,
  protocol: Protocol,
): Payload {
  const metrics: ResourceMetrics = {
    resource: resourceOf(sender),
    scopeMetrics: [{
      scope: { ...SCOPE, version: sender.version },
      metrics: mergeFamilies(snapshots).map(([family, points]) => toMetric(family, points, now)),
    }],
  };
  const serializer = protocol === "http/json" ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  return payload(serializer.serializeRequest(metrics), protocol);
}

function payload(body: Uint8Array | undefined, protocol: Protocol): Payload {
  const type = protocol === "http/json" ? "application/json" : "application/x-protobuf";
  return { type, body: new Uint8Array(body ?? new Uint8Array()) };
}

function resourceOf({ serviceName, version, instance }: Sender): ReadableSpan["resource"] {
  const attributes = {
    "service.name": serviceName,
    "service.version": version,
    "service.instance.id": instance,
    "telemetry.sdk.name": "spgov",
    "telemetry.sdk.language": "webjs",
    "telemetry.sdk.version": version,
  };
  const resource: ReadableSpan["resource"] = {
    attributes,
    asyncAttributesPending: false,
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
} as const;

function toReadable(
  span: SpanRecord,
  resource: ReadableSpan["resource"],
  instrumentationScope: ReadableSpan["instrumentationScope"],
): ReadableSpan {
  const { traceId, spanId, parentSpanId, error } = span;
  const traceFlags = TraceFlags.SAMPLED;
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => ({ traceId, spanId, traceFlags }),
    ...parentSpanId !== undefined && {
      parentSpanContext: { traceId, spanId: parentSpanId, traceFlags },
    },
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    duration: hrTime(span.end - span.start),
    ended: true,
    status: error === undefined
      ? { code: SpanStatusCode.UNSET }
      : { code: SpanStatusCode.ERROR, message: error },
    attributes: span.attributes,
    links: [],
    events: [],
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds of milliseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

type LabelledPoint = readonly [isolate: string, point: Point, since: number | undefined];

/** One metric a name, with the points of all isolates. */
function mergeFamilies(
  snapshots: readonly Snapshot[],
): readonly (readonly [Family, LabelledPoint[]])[] {
  const merged = new Map<string, readonly [Family, LabelledPoint[]]>();
  for (const { isolate, families } of snapshots) {
    for (const family of families) {
      const known = merged.get(family.name) ?? [family, []];
      merged.set(family.name, known);
      for (const point of family.points) known[1].push([isolate, point, family.since]);
    }
  }
  return [...merged.values()].filter(([, points]) => points.length > 0);
}

function toMetric(
  { name, unit, help, kind, bounds = [] }: Family,
  points: readonly LabelledPoint[],
  now: number,
): MetricData {
  const shared = (isolate: string, { labels }: Point, since: number | undefined) => ({
    attributes: {
      "spgov.isolate": isolate,
      ...Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== "")),
    },
    startTime: hrTime(since ?? now),
    endTime: hrTime(now),
  });
  const descriptor = { name, unit, description: help, valueType: ValueType.DOUBLE };
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  if (kind === "histogram") {
    return {
      descriptor,
      aggregationTemporality,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: points.flatMap(([isolate, point, since]) =>
        "value" in point ? [] : [{
          ...shared(isolate, point, since),
          value: {
            buckets: { boundaries: [...bounds], counts: [...point.counts] },
            sum: point.sum,
            count: point.count,
          },
        }]
      ),
    };
  }
  const dataPoints = points.flatMap(([isolate, point, since]) =>
    "value" in point ? [{ ...shared(isolate, point, since), value: point.value }] : []
  );
  return kind === "counter"
    ? {
      descriptor,
      aggregationTemporality,
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints,
    }
    : { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints };
}
