/** Loads policies where nothing may be read, and says what one call gets. */
import {
  createPolicyStage,
  loadPolicies,
  type PolicySource,
} from "../../src/governance/policies/mod.ts";
import type { Call } from "../../src/governance/call.ts";

interface Order {
  readonly sources: readonly PolicySource[];
  readonly call: Call;
}

declare const self: {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(value: unknown): void;
};

self.onmessage = async ({ data }) => {
  const read = await Deno.permissions.query({ name: "read" });
  const loaded = await loadPolicies(data.sources, undefined);
  const { denial } = createPolicyStage(loaded).evaluate({ call: data.call, tier: "user" });
  self.postMessage({
    readable: read.state === "granted",
    problems: loaded.problems,
    policy: denial?.policy,
  });
};
self.postMessage("ready");
