import { appendRows, eventRow } from "../../src/audit/mod.ts";
import { openPool, type Pool } from "../../src/db/mod.ts";
import {
  type BrowserForm,
  type BrowserUser,
  createUser,
  findBrowserUser,
  formToken,
  getUser,
  type IdentityContext,
  LOCAL_OPERATOR,
  openBrowserSession,
  sessionCookieName,
  type User,
} from "../../src/identity/mod.ts";
import { newOpaque } from "../../src/kernel/opaque.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import {
  type Client,
  type ClientInput,
  type ConsentDecision,
  createClient,
  createConsents,
  createInteractions,
  GRANT_TYPES,
  type InteractionService,
} from "../../src/oauth/mod.ts";
import { startService, type TestService, type TestServiceOptions } from "./service.ts";

/** Servers of the world, each with one scope for all and one for a tool. */
const SERVERS = ["alpha", "beta"];

/** A running service with two MCP servers, and what a test needs to be a person at a browser. */
export interface OAuthWorld {
  readonly service: TestService;
  /** The service's address, which is the issuer. */
  readonly url: string;
  /** As the database's owner. */
  readonly sql: Pool;
  readonly identity: IdentityContext;
  readonly interactions: InteractionService;
  /** The URL of a server's endpoint. */
  resource(server: string): string;
  person(name: string, roles?: User["roles"]): Promise<Person>;
  /** Registers a client; one for people, public, with a loopback redirect, unless told. */
  client(input?: Partial<ClientInput>): Promise<Registered>;
  /** Posts a form to an endpoint below `/api/v1/core/oauth/`. */
  post(
    endpoint: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** A code of `person` for `client`, and the verifier that redeems it. */
  code(person: Person, client: Client, wish?: AuthorizationWish): Promise<IssuedCode>;
  /** The tokens that such a code gives. */
  tokens(person: Person, client: Registered, wish?: AuthorizationWish): Promise<Tokens>;
  /** The status that a server's endpoint answers to the token. */
  call(server: string, token: string | undefined): Promise<number>;
  /** Rows about tokens, oldest first. */
  rows(target: string): Promise<readonly IdentityRow[]>;
  stop(): Promise<void>;
}

/** A registered client. */
export interface Registered extends Client {
  readonly secret: string;
}

/** What an endpoint answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** What a client asks for; for `alpha`, with `alpha:use`, unless told. */
export interface AuthorizationWish {
  readonly server?: string;
  readonly scope?: string;
  /** Parameters of the request; an empty one is left out. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly decision?: ConsentDecision;
}

export interface IssuedCode {
  readonly code: string;
  readonly verifier: string;
  /** Where the browser was sent to. */
  readonly back: URL;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly expires_in: number;
}

/** Where the test clients get their answers. */
export const REDIRECT = "http://127.0.0.1:33418/callback";

export interface IdentityRow {
  readonly userId: string;
  readonly sessionId: string;
  readonly clientId: string;
  readonly decision: string;
  // deno-lint-ignore no-explicit-any
  readonly detail: any;
}

/** Somebody signed in at a browser that follows redirects within the service, and stops outside of it. */
export interface Person {
  readonly user: User;
  readonly browser: BrowserUser;
  readonly cookie: string;
  /** What a form of this browser carries. */
  readonly form: BrowserForm;
  /** Opens a URL; decides at the consent page; answers where the browser ends up outside of the service. */
  visit(url: string, decision?: ConsentDecision): Promise<URL>;
  /** Allows what waits under a device's code. */
  enterCode(userCode: string, decision?: ConsentDecision): Promise<void>;
  /** One request, without following. */
  get(url: string): Promise<Response>;
}

function serverFile(name: string): string {
  return `name: ${name}
transport: stdio
command: /bin/true
oauth: { scopes: ["${name}:use"] }
tools: { write: { scopes: ["${name}:write"] }, read: {} }
`;
}

/** Starts a service with the servers `alpha` and `beta`, which know `<name>:use` and `<name>:write`. */
export async function startOAuthWorld(
  options: TestServiceOptions & { readonly oauth?: string; readonly profile?: string } = {},
): Promise<OAuthWorld> {
  const service = await startService({
    gateways: 1,
    ...options,
    async prepare(home) {
      const mcp = `${home}/services/mcp`;
      for await (const { name } of Deno.readDir(mcp)) await Deno.remove(`${mcp}/${name}`);
      for (const name of SERVERS) await Deno.writeTextFile(`${mcp}/${name}.yaml`, serverFile(name));
      const config = `${home}/services/oauth/config.yaml`;
      if (options.oauth !== undefined) await Deno.writeTextFile(config, options.oauth);
      const profile = `${home}/profiles/local/profile.yaml`;
      if (options.profile !== undefined) {
        await Deno.writeTextFile(profile, options.profile, { append: true });
      }
      await options.prepare?.(home);
    },
  });
  return openWorld(service);
}

function openWorld(service: TestService): OAuthWorld {
  const sql = openPool(service.database, { max: 3, applicationName: "test" });
  const identity: IdentityContext = {
    sql,
    clock: systemClock,
    async record(transaction, events) {
      const now = Date.now();
      await appendRows(transaction, "test/identity", events.map((event) => eventRow(event, now)));
    },
  };
  const consents = createConsents({ ...identity, servers: () => EVERYTHING });
  const interactions = createInteractions({ ...identity, consents });
  const url = service.url;
  return {
    ...{ service, url, sql, identity, interactions },
    resource: (server) => `${url}/api/v1/mcp/${server}/mcp`,
    person: (name, roles = ["user"]) => signIn({ identity, interactions, url }, name, roles),
    async client(input = {}) {
      const { client, secret = "" } = await createClient(identity, LOCAL_OPERATOR, {
        name: "Test client",
        redirectUris: [REDIRECT],
        grantTypes: GRANT_TYPES.filter((grant) => grant !== "client_credentials"),
        authMethod: "none",
        introspects: false,
        ...input,
      });
      return { ...client, secret };
    },
    async post(endpoint, form, headers = {}) {
      const response = await fetch(`${url}/api/v1/core/oauth/${endpoint}`, {
        method: "POST",
        headers,
        body: new URLSearchParams(form),
      });
      const text = await response.text();
      const body = text === "" ? undefined : JSON.parse(text);
      return { status: response.status, headers: response.headers, body };
    },
    code: (person, client, wish = {}) => getCode(url, person, client, wish),
    async tokens(person, client, wish = {}) {
      const { code, verifier } = await getCode(url, person, client, wish);
      const answer = await this.post("token", {
        ...{ grant_type: "authorization_code", code, code_verifier: verifier },
        redirect_uri: REDIRECT,
        ...credentials(client),
      });
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      return answer.body;
    },
    async call(server, token) {
      const response = await fetch(`${url}/api/v1/mcp/${server}/mcp`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...token !== undefined && { authorization: `Bearer ${token}` },
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
      });
      await response.body?.cancel();
      return response.status;
    },
    rows: async (target) =>
      await sql<IdentityRow[]>`
        select user_id, session_id, client_id, decision, detail from audit
         where kind = 'identity' and target = ${target} order by created_at, id`,
    async stop() {
      await sql.end({ timeout: 2 });
      await service.stop();
    },
  };
}

/** The pages decide by what the gateway knows; whoever clicks for the person here leaves that to them. */
const EVERYTHING = { list: () => [], mayHold: () => true };

async function signIn(
  { identity, interactions, url }: Pick<OAuthWorld, "identity" | "interactions" | "url">,
  name: string,
  roles: User["roles"],
): Promise<Person> {
  const created = await createUser(identity, LOCAL_OPERATOR, {
    name,
    email: `${name}-${crypto.randomUUID().slice(0, 8)}@example.test`,
    roles,
  });
  const user = await getUser(identity.sql, created.id);
  const opened = await openBrowserSession(identity, user, "password", {
    address: "127.0.0.1",
    userAgent: "test",
  });
  if (!opened) throw new Error(`${name} was not let in`);
  const cookie = `${sessionCookieName(false)}=${opened.token}`;
  const browser = await findBrowserUser(
    identity.sql,
    new Request(url, { headers: { cookie } }),
    false,
  );
  if (!browser) throw new Error(`${name} has no session`);
  const form = { session: opened.token, formToken: formToken(opened.token) };
  const get = (target: string) => fetch(target, { headers: { cookie }, redirect: "manual" });
  return {
    ...{ user, browser, cookie, form, get },
    async enterCode(userCode, decision = { allow: true }) {
      const id = await interactions.findDevice(userCode);
      if (id === undefined) throw new Error(`No device waits with ${userCode}`);
      await interactions.complete(id, form, decision);
    },
    async visit(target, decision = { allow: true }) {
      let at = new URL(target);
      for (let step = 0; step < 10; step++) {
        if (at.origin !== url) return at;
        const id = at.searchParams.get("interaction");
        if (at.pathname === "/consent" && id !== null) {
          at = new URL(await interactions.complete(id, form, decision), url);
          continue;
        }
        const response = await get(at.href);
        const location = response.headers.get("location");
        const text = await response.text();
        if (location === null) throw new Error(`${response.status} at ${at.pathname}: ${text}`);
        at = new URL(location, url);
      }
      throw new Error("The browser goes in circles");
    },
  };
}

/** How a client proves itself in a form. */
export function credentials({ id, secret }: Registered): Readonly<Record<string, string>> {
  return { client_id: id, ...secret !== "" && { client_secret: secret } };
}

/** The address that a client sends a person to. */
export async function authorizationUrl(
  url: string,
  client: Client,
  { server = "alpha", scope = `${server}:use`, parameters = {} }: AuthorizationWish = {},
): Promise<{ readonly href: string; readonly verifier: string }> {
  const verifier = newOpaque();
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const challenge = new Uint8Array(hash).toBase64({ alphabet: "base64url", omitPadding: true });
  const all = {
    ...{ client_id: client.id, redirect_uri: REDIRECT, response_type: "code", scope },
    ...{ code_challenge: challenge, code_challenge_method: "S256", state: "a state" },
    resource: `${url}/api/v1/mcp/${server}/mcp`,
    ...parameters,
  };
  const given = Object.entries(all).filter(([, value]) => value !== "");
  return { href: `${url}/api/v1/core/oauth/authorize?${new URLSearchParams(given)}`, verifier };
}

async function getCode(
  url: string,
  person: Person,
  client: Client,
  wish: AuthorizationWish,
): Promise<IssuedCode> {
  const { href, verifier } = await authorizationUrl(url, client, wish);
  const back = await person.visit(href, wish.decision);
  return { code: back.searchParams.get("code") ?? "", verifier, back };
}
