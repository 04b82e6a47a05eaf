import type { Mail, MailOutcome, MailRoute } from "../mail/mod.ts";

/** The isolate that hands over one mail and ends. */
export interface MailApi {
  send(route: MailRoute, mail: Mail): Promise<MailOutcome>;
}
