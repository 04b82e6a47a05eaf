import { PERIOD, type PeriodFlags } from "../flags.ts";
import { textFlag } from "../infra/logs/call_flags.ts";
import type { ExportFlag } from "./report.ts";
import type { Bucket } from "../../analytics/mod.ts";

export interface ReportFlags extends PeriodFlags, ExportFlag {}

export const REPORT = {
  ...PERIOD,
  export: textFlag("FILE", "Write the rows to this file as CSV instead"),
} as const;

export interface TrendFlags extends ReportFlags {
  readonly groupBy: Bucket;
}

export const TREND = {
  ...REPORT,
  groupBy: {
    kind: "enum",
    values: ["hour", "day", "week", "month"],
    default: "day",
    brief: "Length of a bucket, in UTC",
  },
} as const;
