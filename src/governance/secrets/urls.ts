import { isAlnum } from "./alphabet.ts";
import { isPlaceholder, looksRandom } from "./value_shape.ts";

/** A credential in the authority part of a URL. */
export interface UrlCredential {
  readonly kind: string;
  readonly provider: string;
  readonly start: number;
  readonly end: number;
}

const LONGEST = 400;
const DATABASES =
  /^(?:postgres|postgresql|pgsql|mysql|mysql2|mariadb|mongodb|mongodb\+srv|redis|rediss|mssql|sqlserver|oracle|clickhouse|couchdb|couchbase|cassandra|neo4j|bolt|db2|cockroachdb|snowflake|vertica|jdbc|postgresql\+\w+|mysql\+\w+|influxdb|elasticsearch)$/;
const QUEUES = /^(?:amqp|amqps|nats|kafka|mqtt|mqtts|stomp|pulsar|rabbitmq)$/;

function schemeBefore(text: string, at: number): string {
  let start = at;
  while (
    start > Math.max(0, at - 24) && (isAlnum(text.charCodeAt(start - 1)) || text[start - 1] === "+")
  ) start--;
  return text.slice(start, at).toLowerCase();
}

/** End of the user information (the last `@` of the authority), or -1. */
function authorityAt(text: string, from: number): number {
  const stop = Math.min(text.length, from + LONGEST);
  let at = -1;
  for (let i = from; i < stop; i++) {
    const code = text.charCodeAt(i);
    if (
      code <= 32 || code === 34 || code === 39 || code === 96 || code === 60 || code === 62 ||
      code === 92
    ) break;
    if (code === 64) at = i;
    else if (code === 47 || code === 63 || code === 35) {
      if (at >= 0) break;
      if (code === 47 && i === from) break;
      if (!/^[^\s@"'/]{0,80}@/.test(text.slice(i + 1, i + 82))) break;
    }
  }
  return at;
}

/** A password, or a token in place of the user, in the URL whose `://` is at `at`. */
export function urlCredential(text: string, at: number): UrlCredential | undefined {
  const from = at + 3;
  const sign = authorityAt(text, from);
  if (sign < 0) return undefined;
  const info = text.slice(from, sign);
  const colon = info.indexOf(":");
  const scheme = schemeBefore(text, at);
  if (scheme === "" || /^(?:file|npm|workspace|catalog)$/.test(scheme)) return undefined;
  const start = colon < 0 ? from : from + colon + 1;
  const value = text.slice(start, sign);
  const user = colon < 0 ? "" : info.slice(0, colon);
  if (!isCredential(value, user, colon >= 0)) return undefined;
  return { ...kindOf(scheme, colon >= 0), start, end: sign };
}

function isCredential(value: string, user: string, paired: boolean): boolean {
  if (
    value.includes("${") || value.startsWith("$") || /[{}<>|]/.test(value) || isPlaceholder(value)
  ) return false;
  if (!paired) {
    return value.length >= 16 && !/^git$/.test(value) && looksRandom(value) && !value.includes("/");
  }
  if (
    /^(?:password|passwd|pass|pwd|secret|x-oauth-basic|x-token-auth|port|\d{1,5})$/i.test(value)
  ) return false;
  return value.length >= 3 && value.toLowerCase() !== user.toLowerCase();
}

function kindOf(scheme: string, paired: boolean): { kind: string; provider: string } {
  if (DATABASES.test(scheme)) return { kind: "database_url", provider: "Database" };
  if (QUEUES.test(scheme)) return { kind: "queue_url", provider: "Queue" };
  return { kind: paired ? "url_password" : "url_token", provider: "URL" };
}
