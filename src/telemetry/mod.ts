/** Traces and metrics by OTLP over HTTP, to a collector that the profile names. */
export { type Collector, type CollectorOptions, openCollector } from "./collector.ts";
export { exportMetrics, type MetricExporterOptions } from "./metric_exporter.ts";
export { encodeMetrics, encodeSpans, type Payload, type Protocol, type Sender } from "./otlp.ts";
export {
  createTraceExporter,
  type TraceExporter,
  type TraceExporterOptions,
  type TraceStats,
} from "./trace_exporter.ts";
export { type SpanRecord, spansOf, type TracedRow } from "./span.ts";
