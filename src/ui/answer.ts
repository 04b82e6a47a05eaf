import type { HtmlEscapedString } from "hono/utils/html";
import type { Visit } from "./visit.ts";

/** What hono's JSX makes: text in which everything is escaped that was not written here. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What every answer of the pages says to the browser. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  // No script, style or form but our own files and addresses, and nobody puts our pages into theirs.
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  // Not `no-referrer`: with it browsers hide from us where our own forms come from.
  "referrer-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy":
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), " +
    "publickey-credentials-get=(self)",
};

/** More than the page itself. */
export interface AnswerOptions {
  readonly status?: number;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page. */
export async function answerPage(
  visit: Pick<Visit, "secure" | "cookies">,
  page: Html,
  options: AnswerOptions = {},
): Promise<Response> {
  const headers = headersOf(visit, options);
  headers.set("content-type", "text/html; charset=utf-8");
  return new Response(`<!doctype html>${await page}`, { status: options.status ?? 200, headers });
}

/** To another of our pages: a path, never an address that somebody sent. */
export function answerRedirect(
  visit: Visit,
  path: `/${string}`,
  options: AnswerOptions = {},
): Response {
  const headers = headersOf(visit, options);
  headers.set("location", path);
  return new Response(null, { status: 303, headers });
}

/** JSON for our own script. */
export function answerJson(visit: Visit, value: unknown, options: AnswerOptions = {}): Response {
  return Response.json(value, {
    status: options.status ?? 200,
    headers: headersOf(visit, options),
  });
}

function headersOf(
  { secure, cookies }: Pick<Visit, "secure" | "cookies">,
  options: AnswerOptions,
): Headers {
  const headers = new Headers({ ...HEADERS, ...options.headers });
  if (secure) headers.set("strict-transport-security", "max-age=31536000");
  for (const cookie of [...cookies, ...options.cookies ?? []]) headers.append("set-cookie", cookie);
  return headers;
}
