import { isTier, type Tier } from "../kernel/tiers.ts";

/** The member of `_meta` by which egress tells a part of the appliance who calls. */
export const CALLER_META = "spgov/caller";

/** Who calls, as egress has verified it. */
export interface VerifiedCaller {
  readonly userId: string;
  readonly sessionId: string;
  readonly clientId: string;
  readonly role: Tier;
  readonly traceId: string;
  /** Id of the decision. */
  readonly callId: string;
}

const TEXTS = ["userId", "sessionId", "clientId", "traceId", "callId"] as const;

/** The value as a caller; undefined for any other. */
export function readCaller(value: unknown): VerifiedCaller | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  const { role } = members;
  const isComplete = TEXTS.every((name) => typeof members[name] === "string");
  return isComplete && typeof role === "string" && isTier(role)
    ? members as unknown as VerifiedCaller
    : undefined;
}
