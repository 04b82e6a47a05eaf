/** The cookie that holds a browser session. Without `__Host-` only where there is no TLS: on loopback. */
export function sessionCookieName(secure: boolean): string {
  return secure ? "__Host-spgov_session" : "spgov_session";
}

/** The value of a cookie; undefined when it was not sent, or more than once: then somebody planted one. */
export function readCookie(header: string | null, name: string): string | undefined {
  const values = (header ?? "").split(";").map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`));
  const [value] = values;
  return values.length === 1 ? value?.slice(name.length + 1) : undefined;
}

/**
 * A `Set-Cookie` that no script reads, no other site's form sends and no other host sets, and that ends with
 * the browser. An empty value removes it.
 */
export function writeCookie(name: string, value: string, secure: boolean): string {
  const ended = value === "" ? "; Max-Age=0" : "";
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}${ended}`;
}
