import { AuditWriter } from "../../src/audit/mod.ts";
import { parseConfiguration, readConfigSources } from "../../src/config/mod.ts";
import { listen, openPool, openSingle, type Pool } from "../../src/db/mod.ts";
import type { LineOpened, LineRequest } from "../../src/egress/mod.ts";
import { compileRules, createGovernor } from "../../src/governance/mod.ts";
import { answerMcp, listenOn, type McpDependencies, trustedProxies } from "../../src/http/mod.ts";
import type { DatabaseAddress } from "../../src/kernel/database_address.ts";
import { assetPath } from "../../src/kernel/assets.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { createLog } from "../../src/kernel/log.ts";
import { rulesOf } from "../../src/isolates/mcp_servers.ts";
import { type McpServerRules, mcpServerSchema } from "../../src/mcp/mod.ts";
import {
  type BuiltinFactory,
  createMcpGateway,
  type McpCaller,
  type McpGateway,
} from "../../src/mcp/gateway/mod.ts";
import { serveStdioLine, type StdioCommand } from "./stdio_line.ts";
import { createTestDatabase } from "./test_database.ts";

/** A server behind the gateway: its command, and what else its file would say. */
export interface TestServer extends StdioCommand {
  readonly rules?: Readonly<Record<string, unknown>>;
}

export interface TestGatewayOptions {
  readonly servers: Readonly<Record<string, TestServer>>;
  readonly builtins?: Readonly<Record<string, BuiltinFactory>>;
  /** `guarded`: the listener that others than this host can reach. */
  readonly listener?: "plain" | "guarded";
  /** Cedar beside the policies that come along. */
  readonly policies?: string;
  /** Every request without a token counts as this token's. */
  readonly defaultToken?: string;
}

/** A row of the audit, as far as tests look at it. */
export interface TestRow {
  readonly id: string;
  readonly kind: string;
  readonly callId: string;
  readonly target: string;
  readonly decision: string;
  readonly policy: string;
  readonly userId: string;
  // deno-lint-ignore no-explicit-any -- rows of every shape
  readonly detail: any;
}

/** The gateway with its real listener, governor and database, in the process of the test. */
export interface TestGateway {
  readonly base: string;
  readonly mcp: McpGateway;
  readonly sql: Pool;
  /** The database as its owner. */
  readonly owner: DatabaseAddress;
  /** Makes a token for a caller; what is not said is an administrator's, with every scope. */
  token(caller?: Partial<McpCaller> & { readonly resource?: string }): string;
  url(server: string): string;
  /** The rows of the audit, oldest first, once there are at least so many. */
  rows(atLeast?: number): Promise<readonly TestRow[]>;
  /** Replaces a server, as another command in its file would; what is open stays. */
  replace(server: string, by: TestServer): void;
  /** Lines opened so far, and those that are open. */
  readonly lines: { opened: LineRequest[]; open: number };
  stop(): Promise<void>;
}

/** Starts it. The only part that is not the product's is what stands in for egress: see `stdio_line.ts`. */
export async function startTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const database = await createTestDatabase();
  const sql = openPool(database.serve, { max: 4, applicationName: "tests" });
  const log = createLog({ module: "test", level: "error" });
  const sources = await readConfigSources(undefined, assetPath("services"));
  const parsed = await parseConfiguration(sources);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  const { governance } = parsed.value;
  const more = { file: "test.cedar", text: options.policies ?? "" };
  const policies = {
    ...governance.policies,
    files: [...governance.policies.files, ...more.text === "" ? [] : [more]],
  };
  const rules = await compileRules({ ...governance, policies }, "test", new Uint8Array(32));
  const writer = await AuditWriter.open({
    writer: "test/gateway-0",
    connect: () => openSingle(database.serve, { applicationName: "tests audit" }),
    clock: systemClock,
    log,
  });
  const governor = createGovernor({ rules: () => rules, ledger: writer });
  const commands = new Map(Object.entries(options.servers));
  let servers = Object.entries(options.servers).map(([name, server]) => serverRules(name, server));
  const tokens = new Map<string, McpCaller & { readonly resource?: string }>();
  const lines: TestGateway["lines"] = { opened: [], open: 0 };
  const openLine = async (request: LineRequest, port: MessagePort): Promise<LineOpened> => {
    const server = commands.get(request.server);
    if (!server) throw new Error(`No server "${request.server}"`);
    lines.opened.push(request);
    lines.open++;
    await serveStdioLine(server, port, () => lines.open--);
    return { confinement: "none" };
  };
  const mcp = createMcpGateway({
    index: 0,
    servers: () => servers,
    governor,
    scanner: () => rules.scanner,
    sql,
    openLine,
    log,
    ...options.builtins && { builtins: options.builtins },
  });
  const approvals = listen(database.serve, {
    channel: "spgov_mcp_tools",
    applicationName: "tests approvals",
    onNotify: (server) => mcp.approvalsChanged(server),
  });
  const scopes = () => servers.flatMap(({ oauth }) => oauth.scopes);
  let port = 0;
  const dependencies: McpDependencies = {
    governor,
    mayRecordFailure: () => true,
    mcp,
    base: () => ({ publicUrl: undefined, port }),
    authenticateResource(token, resource) {
      const caller = token === undefined ? undefined : tokens.get(token);
      if (caller && (caller.resource ?? resource) === resource) {
        return Promise.resolve({ ok: true, tokenId: "t", expiresAt: Infinity, ...caller });
      }
      return Promise.resolve({
        ok: false,
        kind: "refused",
        error: token === undefined ? "missing" : "invalid_token",
        rule: token === undefined ? "missing_token" : "wrong_audience",
        reason: "No token that is good here",
      });
    },
    handOver: () => Promise.resolve(undefined),
  };
  const listener = await listenOn({
    address: "127.0.0.1",
    port: 0,
    kind: options.listener ?? "plain",
    maxConnections: 1000,
    trustedProxies: trustedProxies([]),
  }, (request, env) => {
    const name = /^\/api\/v1\/mcp\/([^/]+)\/mcp$/.exec(new URL(request.url).pathname)?.[1] ?? "";
    if (options.defaultToken === undefined || request.headers.has("authorization")) {
      return answerMcp(dependencies, name, request, env);
    }
    const headers = new Headers(request.headers);
    headers.set("authorization", `Bearer ${options.defaultToken}`);
    return answerMcp(dependencies, name, new Request(request, { headers }), env);
  });
  port = listener.port;
  const base = `http://127.0.0.1:${port}`;
  function token(caller: Partial<McpCaller> & { readonly resource?: string } = {}): string {
    const made = `token-${tokens.size + 1}`;
    tokens.set(made, {
      userId: "user-1",
      sessionId: "session-1",
      clientId: "client-1",
      tier: "admin",
      department: undefined,
      agent: undefined,
      scopes: scopes(),
      ...caller,
    });
    return made;
  }
  function put(name: string, server: TestServer): void {
    commands.set(name, server);
    servers = servers.map((each) => each.name === name ? serverRules(name, server) : each);
  }
  if (options.defaultToken !== undefined) token();
  return {
    base,
    mcp,
    sql,
    owner: database.owner,
    lines,
    token,
    url: (server) => `${base}/api/v1/mcp/${server}/mcp`,
    replace: put,
    async rows(atLeast = 0) {
      for (const until = Date.now() + 5000;;) {
        const found = await readRows(sql);
        if (found.length >= atLeast) return found;
        if (Date.now() > until) {
          throw new Error(`${found.length} rows instead of ${atLeast}: ${JSON.stringify(found)}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async stop() {
      await approvals.stop();
      await mcp.close();
      await listener.close();
      await writer.close();
      await sql.end({ timeout: 1 });
      await database.drop();
    },
  };
}

function serverRules(name: string, { command, args, rules }: TestServer): McpServerRules {
  return rulesOf(mcpServerSchema.parse({
    name,
    transport: "stdio",
    command,
    args,
    ...rules,
  }));
}

async function readRows(sql: Pool): Promise<TestRow[]> {
  return await sql<TestRow[]>`
    select id, kind, call_id as "callId", target, decision, policy, user_id as "userId", detail
    from audit order by created_at, id`;
}
