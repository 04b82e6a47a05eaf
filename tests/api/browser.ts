import assert from "node:assert/strict";

/** What a form is filled in with. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** A browser without a script: it keeps cookies, follows nothing by itself, and fills in forms. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  /** One request with the cookies; keeps those that come back. */
  async fetch(path: string, init: RequestInit = {}): Promise<Page> {
    const headers = new Headers(init.headers);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (cookie !== "" && !headers.has("cookie")) headers.set("cookie", cookie);
    const response = await fetch(new URL(path, this.#base), {
      ...init,
      headers,
      redirect: "manual",
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return pageOf(response, await response.text());
  }

  get(path: string): Promise<Page> {
    return this.fetch(path);
  }

  /** Sends fields as our own page's form would; a field with several values is sent several times. */
  post(
    path: string,
    fields: Fields,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Page> {
    const body = new URLSearchParams();
    for (const [name, values] of Object.entries(fields)) {
      for (const value of typeof values === "string" ? [values] : values) body.append(name, value);
    }
    return this.fetch(path, { method: "POST", headers: { origin: this.#base, ...headers }, body });
  }

  /** Opens a page and sends its form, with the hidden fields that it has. */
  async submit(
    path: string,
    fields: Fields,
    action?: string,
  ): Promise<Page> {
    const page = await this.get(path);
    assert.equal(page.status, 200, `${path}: ${page.status} ${page.location} ${page.text}`);
    const form = page.forms.find((each) => action === undefined || each.action === action);
    assert.ok(form, `${path} has no form ${action ?? ""}`);
    return await this.post(form.action, { ...form.fields, ...fields });
  }

  /** Signs in by password and answers where that led. */
  signIn(login: string, password: string, query = ""): Promise<Page> {
    return this.submit(`/sign-in${query}`, { login, password }, "/sign-in");
  }

  #keep(line: string): void {
    const [pair = ""] = line.split(";");
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === "") this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

export interface FormOnPage {
  readonly action: string;
  /** Hidden fields. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly location: string | null;
  readonly text: string;
  readonly forms: readonly FormOnPage[];
  /** Where a page sends the browser by itself. */
  readonly continueTo: string | undefined;
}

function pageOf(response: Response, text: string): Page {
  const forms = [...text.matchAll(/<form [^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)]
    .map(([, action = "", inside = ""]) => ({ action: unescape(action), fields: hidden(inside) }));
  const [, continueTo] = /<a id="continue"[^>]* href="([^"]*)"/.exec(text) ?? [];
  return {
    status: response.status,
    headers: response.headers,
    location: response.headers.get("location"),
    text,
    forms,
    continueTo: continueTo === undefined ? undefined : unescape(continueTo),
  };
}

function hidden(inside: string): Record<string, string> {
  return Object.fromEntries(
    [...inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
      .map(([, name = "", value = ""]) => [unescape(name), unescape(value)]),
  );
}

function unescape(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
