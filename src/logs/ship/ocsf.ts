import type { LogRow } from "../../audit/mod.ts";
import { VERSION } from "../../kernel/version.ts";
import { type EventDocument, levelOf, type LogEvent, messageOf, nativeDocument } from "./event.ts";

/** https://schema.ocsf.io/1.4.0 */
const OCSF_VERSION = "1.4.0";

const BASE = { category: 0, class: 0 } as const;
const ACCOUNT_CHANGE = { category: 3, class: 3001 } as const;
const AUTHENTICATION = { category: 3, class: 3002 } as const;
const API_ACTIVITY = { category: 6, class: 6003 } as const;
const OTHER = 99;

interface Activity {
  readonly of: { readonly category: number; readonly class: number };
  readonly id: number;
}

/** Identity events by class and activity; one that is not listed is another change of an account. */
const IDENTITY: Readonly<Record<string, Activity>> = {
  user_created: { of: ACCOUNT_CHANGE, id: 1 },
  user_suspended: { of: ACCOUNT_CHANGE, id: 5 },
  user_deleted: { of: ACCOUNT_CHANGE, id: 6 },
  password_set: { of: ACCOUNT_CHANGE, id: 3 },
  session_created: { of: AUTHENTICATION, id: 1 },
  signed_in: { of: AUTHENTICATION, id: 1 },
  sign_in_failed: { of: AUTHENTICATION, id: 1 },
  session_ended: { of: AUTHENTICATION, id: 2 },
  signed_out: { of: AUTHENTICATION, id: 2 },
  token_issued: { of: AUTHENTICATION, id: OTHER },
  token_revoked: { of: AUTHENTICATION, id: OTHER },
  token_refused: { of: AUTHENTICATION, id: OTHER },
};

const SEVERITIES = { debug: 1, info: 1, warn: 3, error: 4 } as const;

/** An event in the Open Cybersecurity Schema Framework; every column stands in `unmapped`. */
export function ocsfDocument(event: LogEvent): EventDocument {
  const activity = activityOf(event);
  const row = event.source === "audit" ? event.row : undefined;
  const native = nativeDocument(event);
  return {
    activity_id: activity.id,
    ...activity.id === OTHER && { activity_name: activityName(event) },
    category_uid: activity.of.category,
    class_uid: activity.of.class,
    type_uid: activity.of.class * 100 + activity.id,
    severity_id: SEVERITIES[levelOf(event)],
    time: Date.parse(String(native.timestamp)),
    message: messageOf(event),
    metadata: {
      version: OCSF_VERSION,
      uid: native.id,
      correlation_uid: native.trace_id,
      product: { name: "spgov", vendor_name: "spgov", version: VERSION },
      log_name: event.source,
      ...activity.of === API_ACTIVITY && { profiles: ["security_control"] },
    },
    ...row && auditMembers(row, activity),
    unmapped: native,
  };
}

function auditMembers(row: LogRow, { of }: Activity): EventDocument {
  const user = { uid: row.userId, type: row.role };
  const isFailure = row.decision === "deny" || row.decision === "error" ||
    row.decision === "timeout" || /(failed|refused)$/.test(row.target);
  const common = {
    status_id: row.decision === "cancelled" ? OTHER : isFailure ? 2 : 1,
    ...row.decision === "cancelled" && { status: "cancelled" },
    ...typeof row.detail.reason === "string" && { status_detail: row.detail.reason },
    actor: { user, session: { uid: row.sessionId }, app_name: row.clientId },
  };
  if (of !== API_ACTIVITY) return { ...common, user };
  const isDenied = row.decision === "deny";
  return {
    ...common,
    api: { operation: row.target, service: { name: "spgov" }, request: { uid: row.callId } },
    src_endpoint: { name: row.clientId },
    duration: Math.round(row.latencyUs / 1000),
    ...row.kind === "decision" && {
      action_id: isDenied ? 2 : 1,
      disposition_id: isDenied ? 2 : 1,
      policy: { name: row.policy },
    },
  };
}

function activityOf(event: LogEvent): Activity {
  if (event.source === "logs") return { of: BASE, id: OTHER };
  const { kind, target } = event.row;
  if (kind !== "identity") return { of: API_ACTIVITY, id: OTHER };
  return IDENTITY[target.replace(/^identity:/, "")] ?? { of: ACCOUNT_CHANGE, id: OTHER };
}

function activityName(event: LogEvent): string {
  if (event.source === "logs") return "log";
  const { kind, target } = event.row;
  return kind === "identity" ? target.replace(/^identity:/, "") : kind;
}
