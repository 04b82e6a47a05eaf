import { inTime } from "../../kernel/in_time.ts";
import { checkOutput, conclude } from "./conclude_call.ts";
import type { Core } from "./core.ts";
import { denialReply } from "./denial.ts";
import { callerOf, type Exchange } from "./exchange.ts";
import { requestOf } from "./governed_request.ts";
import type { Reply } from "./message.ts";
import type { Hold } from "./pool.ts";
import type { Route } from "./route.ts";
import { knowledgeProblem, plainProblem, takesKnowing } from "./route_check.ts";
import { type Prepared, runCall } from "./run_call.ts";

/**
 * The one way of a request that does something: decided and recorded, then sent on, its answer searched,
 * its outcome recorded. Both eras and the merged endpoint come through here.
 */
export async function governedCall(core: Core, exchange: Exchange, route: Route): Promise<Reply> {
  const prepared = await prepare(core, exchange, route);
  const request = requestOf(exchange, route);
  const decided = await core.governor.decide(callerOf(exchange, prepared.failure), request);
  if (decided.decision.outcome === "deny") {
    prepared.hold?.release();
    return denialReply(exchange.client.era, route, decided);
  }
  const start = performance.now();
  const ended = await checkOutput(
    core,
    exchange,
    route,
    await runCall(core, exchange, route, { ...prepared, callId: decided.id }),
  );
  return conclude(core, exchange, { decided, ended, request, start });
}

const TOO_LATE = "It was not ready in time";

/**
 * Some checks need to know what the server offers, which takes a running one. None is started for a call
 * that is refused anyway.
 */
async function prepare(core: Core, exchange: Exchange, route: Route): Promise<Prepared> {
  const failure = plainProblem(core, exchange, route);
  if (failure || !takesKnowing(route)) return { failure };
  if (!core.pool.isOpen(route.server, exchange)) {
    const { denial } = core.governor.dryRun(callerOf(exchange), requestOf(exchange, route));
    if (denial) return {};
  }
  let hold: Hold | undefined;
  try {
    hold = await inTime(core.pool.get(route.server, exchange), route.server.timeout_ms, TOO_LATE);
    return { hold, failure: await knowledgeProblem(core, exchange, route, hold.upstream) };
  } catch (unopened) {
    hold?.release();
    return { unopened };
  }
}
