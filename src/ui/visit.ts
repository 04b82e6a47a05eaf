import {
  type BrowserUser,
  findBrowserUser,
  readCookie,
  sessionCookieName,
  writeCookie,
} from "../identity/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { hashOpaque, isOpaque, newOpaque } from "../kernel/opaque.ts";
import type { PageDependencies } from "./dependencies.ts";

/** A browser at one of the pages. */
export interface Visit {
  readonly request: Request;
  /** Parameters of the address. */
  readonly query: URLSearchParams;
  /** The client's address. */
  readonly address: string;
  /** Our own address, as the browser knows it; no slash at the end. */
  readonly base: string;
  /** Whether that is https. */
  readonly secure: boolean;
  readonly user: BrowserUser | undefined;
  /** What only this browser and we know: the value of a cookie. Forms and challenges are bound to it. */
  readonly key: string;
  /** Cookies to set with the answer. */
  readonly cookies: readonly string[];
}

/** The cookie that forms are bound to before anybody is signed in. */
export function formCookieName(secure: boolean): string {
  return secure ? "__Host-spgov_form" : "spgov_form";
}

/** Who is there. Throws `invalid` where the request names a host that is not ours, `forbidden` for a banned address. */
export async function openVisit(
  deps: PageDependencies,
  request: Request,
  address: string,
): Promise<Visit> {
  const base = deps.baseOf(request);
  if (base === undefined) throw new AppError("invalid", "This host name is not ours");
  if (await deps.isBanned(address)) throw new AppError("forbidden", "Your address is banned");
  const secure = base.startsWith("https:");
  const user = await findBrowserUser(deps.identity.sql, request, secure);
  return {
    request,
    query: new URL(request.url).searchParams,
    address,
    base,
    secure,
    user,
    ...keyOf(request, secure, user),
  };
}

/** Signed in, the session's cookie; before that one of its own, made when there is none. */
function keyOf(
  request: Request,
  secure: boolean,
  user: BrowserUser | undefined,
): Pick<Visit, "key" | "cookies"> {
  const header = request.headers.get("cookie");
  const name = formCookieName(secure);
  const known = readCookie(header, user ? sessionCookieName(secure) : name);
  if (isOpaque(known)) return { key: known, cookies: [] };
  const key = newOpaque();
  return { key, cookies: [writeCookie(name, key, secure)] };
}

/** Whose browser it is, as far as it is stored. */
export function holderOf({ key }: Visit): Uint8Array {
  return hashOpaque(key);
}

/** Where the browser is, for the session that it opens. */
export function originOf({ address, request }: Visit): { address: string; userAgent: string } {
  return { address, userAgent: request.headers.get("user-agent") ?? "" };
}

/** The host that the browser shows in its address line. */
export function hostOf({ base }: Visit): string {
  return new URL(base).host;
}
