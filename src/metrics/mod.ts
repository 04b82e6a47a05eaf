/**
 * What an isolate counts while it works: counters, histograms and readings of bounded size, and the text that
 * Prometheus reads. Names and units are OpenTelemetry's.
 */
export type { Family, LabelName, Labels, Point, Snapshot } from "./family.ts";
export {
  type Counter,
  createRegistry,
  type Description,
  type Histogram,
  type Reading,
  type Registry,
} from "./registry.ts";
export { MAX_SERIES } from "./series.ts";
export { formatPrometheus, PROMETHEUS_TYPE, prometheusName } from "./prometheus.ts";
