import type { Pool } from "../../db/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import type { ApiAnswer, ApiCall, ApiMethods } from "../../egress/mod.ts";
import type { EgressContext } from "./context.ts";
import { admit, type ApiGuard } from "./guard.ts";
import { performOnce } from "./once.ts";
import { failureAnswer, perform } from "./perform.ts";
import type { ApiRoute } from "./route.ts";
import { API_ROUTES, nameOf } from "./table.ts";

/** What the isolate that does the work brings. */
export interface KeeperOptions extends ApiGuard {
  readonly sql: Pool;
  /** What handlers get, with this pool or transaction. */
  context(sql: Pool): EgressContext;
  /** Something broke. */
  report(route: string, error: unknown): void;
}

/** The isolate's end of the API: it believes nothing that a gateway says of a caller but its address. */
export function createKeeper(options: KeeperOptions): ApiMethods {
  const routes = new Map(
    API_ROUTES.filter(({ place }) => place === "egress").map((route) => [nameOf(route), route]),
  );
  return {
    async callApi(call) {
      try {
        const route = routes.get(call.route);
        if (!route) throw new AppError("not_found", `There is no route "${call.route}" here`);
        return await answer(options, route, call);
      } catch (error) {
        return failureAnswer(error, (broken) => options.report(call.route, broken));
      }
    },
  };
}

async function answer(
  options: KeeperOptions,
  route: ApiRoute,
  call: ApiCall,
): Promise<ApiAnswer> {
  const admitted = await admit(options, call, route.permission);
  const work = (sql: Pool) => perform(route, options.context(sql), admitted, call);
  if (call.idempotencyKey === undefined || route.method !== "POST") return await work(options.sql);
  return await performOnce(options.sql, route, admitted.caller.userId, call, work);
}
