import type { Governor } from "../governance/mod.ts";
import type { Log } from "../kernel/log.ts";

/** The governor, with a line for each decision where module `governance` says `debug`. Costs nothing elsewhere. */
export function logged(governor: Governor, log: Log): Governor {
  const lines = log.of("governance");
  return {
    ...governor,
    decide(caller, request) {
      const deciding = governor.decide(caller, request);
      if (!lines.isOn("debug")) return deciding;
      return deciding.then((decided) => {
        const { id, traceId, tier, recorded, decision: { outcome, policy } } = decided;
        lines.about({ ...caller.correlation, traceId }).debug("A call was decided", {
          ...{ id, target: request.target, surface: request.surface },
          ...{ outcome, policy, tier, recorded },
        });
        return decided;
      });
    },
  };
}
