/** How much a client may choose where its answers go. */
export type RedirectTrust =
  /** An operator entered the address. */
  | "operator"
  /** The client says so itself. */
  | "itself";

/** Only what every reader of URLs takes apart alike: no user information, fragment, escape or white space trick. */
const PLAIN = /^[a-z][a-z0-9+.-]*:[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/;
const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?(\/[^#]*)?$/;
const HTTPS = /^https:\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5})?(?:[/?]|$)/;
const MAX_LENGTH = 2000;

/** Schemes that make browsers or systems do something else than hand an answer to an app. */
const FORBIDDEN_SCHEMES: ReadonlySet<string> = new Set([
  ...["about", "blob", "chrome", "chrome-extension", "data", "file", "filesystem", "ftp", "gopher"],
  ...[
    "intent",
    "jar",
    "javascript",
    "ldap",
    "mailto",
    "moz-extension",
    "ms-appinstaller",
    "search-ms",
  ],
  ...["shell", "sms", "ssh", "tel", "urn", "vbscript", "view-source", "ws", "wss", "xmpp"],
]);

/**
 * Why a client may not have its answers sent to `uri`; undefined when it may. Allowed are `https` with a
 * host name, `http` on `127.0.0.1`, `[::1]` and `localhost`, and schemes of apps: with a dot in them (a
 * reversed domain name, RFC 8252), or any that an operator entered.
 */
export function redirectUriProblem(uri: string, trust: RedirectTrust): string | undefined {
  if (uri.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (uri.includes("#")) return "it has a fragment";
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?]*@/i.test(uri)) return "it has user information";
  if (!PLAIN.test(uri) || !URL.canParse(uri)) return "it is no plain URL in ASCII characters";
  if (/(^|\/)(\.|%2e){1,2}(\/|\?|$)/i.test(uri.split("?")[0] ?? "")) return "it has dot segments";
  if (uri.startsWith("https:")) return HTTPS.test(uri) ? undefined : "its host is no host name";
  if (uri.startsWith("http:")) {
    return LOOPBACK.test(uri) ? undefined : "http is for 127.0.0.1, [::1] and localhost only";
  }
  const scheme = uri.slice(0, uri.indexOf(":"));
  if (FORBIDDEN_SCHEMES.has(scheme)) return `the scheme "${scheme}" belongs to no app`;
  return trust === "operator" || scheme.includes(".")
    ? undefined
    : `the scheme "${scheme}" is no reversed domain name`;
}

/**
 * The registered address that `given` is: character by character, but for the port of a loopback address,
 * which a native client learns when it listens.
 */
export function findRedirectUri(
  registered: readonly string[],
  given: string,
): string | undefined {
  if (registered.includes(given)) return given;
  const native = withoutPort(given);
  if (native === undefined || redirectUriProblem(given, "operator") !== undefined) return undefined;
  return registered.find((uri) => withoutPort(uri) === native);
}

/** A loopback address without its port; undefined for any other. */
function withoutPort(uri: string): string | undefined {
  const match = LOOPBACK.exec(uri);
  return match ? `${match[1]}${match[2] ?? ""}` : undefined;
}

/** For people: where an answer goes. */
export function describeRedirect(uri: string): string {
  if (LOOPBACK.test(uri)) return "this computer";
  return HTTPS.exec(uri)?.[1] ?? `the app that opens ${uri.slice(0, uri.indexOf(":"))}: links`;
}

/** `uri` with parameters added to its query; those without a value are left out. */
export function withParameters(
  uri: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const added = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) added.set(name, value);
  }
  return `${uri}${uri.includes("?") ? "&" : "?"}${added}`;
}
