import { deny } from "../decision.ts";
import type { Stage } from "./stage.ts";

/**
 * Says whether the caller was established. The token itself is verified before a call exists, where
 * waiting is allowed; what that found stands in the call.
 */
export const identityStage: Stage = {
  name: "identity",
  evaluate({ call }) {
    const base = { stage: "identity", rule: call.failure?.rule ?? "token", us: 0 } as const;
    if (call.failure) {
      return {
        rules: [{ ...base, verdict: "deny", detail: call.failure.reason }],
        denial: deny(call.failure.policy, call.failure.rule, call.failure.reason),
      };
    }
    return { rules: [{ ...base, verdict: "pass", detail: { tier: call.tokenTier } }] };
  },
};
