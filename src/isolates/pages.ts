import type { Pool } from "../db/mod.ts";
import type { Route } from "../http/mod.ts";
import type { People } from "../identity/mod.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import { createFailureLimiter } from "../kernel/failure_limiter.ts";
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
  readonly people: People;
  baseOf(request: Request): string | undefined;
  isBanned(address: string): Promise<boolean>;
}

/** The egress of now, for people. */
export function peopleOf(egress: () => People): People {
  return {
    signInWithPassword: (given, origin) => egress().signInWithPassword(given, origin),
    beginPasskeySignIn: (where) => egress().beginPasskeySignIn(where),
    signInWithPasskey: (where, answer, origin) => egress().signInWithPasskey(where, answer, origin),
    signInWithLink: (token, origin) => egress().signInWithLink(token, origin),
    changeOwnPassword: (form, passwords, origin) =>
      egress().changeOwnPassword(form, passwords, origin),
    beginRegistration: (form, host) => egress().beginRegistration(form, host),
    finishRegistration: (form, host, answer) => egress().finishRegistration(form, host, answer),
    removePasskey: (form, id) => egress().removePasskey(form, id),
    beginFederated: (start, form) => egress().beginFederated(start, form),
    finishFederated: (answer, session, origin) => egress().finishFederated(answer, session, origin),
  };
}

/** The routes of the pages. */
export function createPages(options: PagesOptions): readonly Route[] {
  const { sql, clock, log, writer, interactions, federation, people, baseOf } = options;
  const challenges = createFailureLimiter(clock);
  return pageRoutes({
    identity: createIdentityContext(sql, clock, writer),
    people,
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
