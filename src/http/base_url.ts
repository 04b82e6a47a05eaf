/** Where clients reach us, as far as the profile and the listener say. */
export interface BaseOptions {
  /** The profile's `server.public_url`; undefined for a listener that only this host reaches. */
  readonly publicUrl: string | undefined;
  /** The port that the gateways listen on. */
  readonly port: number;
}

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/;

/**
 * The base of our own URLs as the caller addressed them, without a slash at the end: the profile's public
 * URL, else `http://<Host>` of a loopback address with our port. Undefined for any other host: its name
 * was bound to our address by somebody else (DNS rebinding).
 */
export function baseUrlOf(request: Request, { publicUrl, port }: BaseOptions): string | undefined {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, "");
  const host = request.headers.get("host") ?? "";
  const match = LOOPBACK_HOST.exec(host);
  if (!match || Number(match[1] ?? 80) !== port) return undefined;
  return port === 80 ? `http://${host.replace(/:80$/, "")}` : `http://${host}`;
}
