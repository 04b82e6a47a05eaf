import { lookup } from "node:dns/promises";
import { inTime } from "../kernel/in_time.ts";
import type { Mail, MailOutcome, MailServer } from "../mail/mod.ts";
import type { MailApi } from "./mail_api.ts";
import { mailPermissions } from "./permissions.ts";
import { spawnIsolate } from "./spawn.ts";

/**
 * Hands a mail to the server, from an isolate that may reach the addresses of its name, at its port, and nothing
 * else. Answers why it was not accepted, within the server's time; throws nothing.
 */
export async function deliverMail(server: MailServer, mail: Mail): Promise<MailOutcome> {
  const started = performance.now();
  let addresses: readonly string[];
  try {
    const found = lookup(server.host, { all: true });
    addresses = (await inTime(found, server.timeoutMs, "late")).map(({ address }) => address);
  } catch {
    return { accepted: false, reason: "Its name cannot be looked up", isTransient: true };
  }
  const isolate = spawnIsolate<MailApi>("mail", "mail", mailPermissions(addresses, server.port));
  const left = Math.max(0, server.timeoutMs - (performance.now() - started));
  try {
    const broken = isolate.crashed.then((): never => {
      throw new Error("crashed");
    });
    const sending = isolate.remote.send({ ...server, addresses }, mail);
    return await inTime(Promise.race([sending, broken]), left, "late");
  } catch {
    // It may have been accepted at the last moment; whoever asked learns what is certain.
    return { accepted: false, reason: "It did not answer in time", isTransient: true };
  } finally {
    isolate.terminate();
  }
}
