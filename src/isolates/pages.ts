import type { Pool } from "../db/mod.ts";
import { createFailureLimiter, type Route } from "../http/mod.ts";
import { createPasswordHasher } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { type PageDependencies, pageRoutes } from "../ui/mod.ts";
import { createIdentityContext } from "./identity_context.ts";

/** What the pages of one gateway are made of. */
export interface PagesOptions {
  readonly sql: Pool;
  readonly clock: Clock;
  readonly log: Log;
  /** Name of the chain that sign-ins are recorded on. */
  readonly writer: string;
  readonly interactions: PageDependencies["interactions"];
  readonly federation: PageDependencies["federation"];
  baseOf(request: Request): string | undefined;
  isBanned(address: string): Promise<boolean>;
  mayRecordFailure(address: string): boolean;
}

/** The routes of the pages. */
export function createPages(options: PagesOptions): readonly Route[] {
  const { sql, clock, log, writer, interactions, federation, baseOf } = options;
  const challenges = createFailureLimiter(clock);
  return pageRoutes({
    identity: {
      ...createIdentityContext(sql, clock, writer),
      mayRecord: (address) => options.mayRecordFailure(address),
    },
    hasher: createPasswordHasher(),
    interactions,
    federation,
    baseOf,
    isBanned: (address) => options.isBanned(address),
    mayChallenge: (address) => challenges.mayRecord(address),
    report: (error) =>
      log.error("A page could not be answered", {
        cause: messageOf(error instanceof AppError ? error.cause ?? error : error),
      }),
  });
}
