import { fileURLToPath } from "node:url";
import { startService, type TestService, type TestServiceOptions } from "./service.ts";
import { startTokenProxy, type TokenProxy } from "./mcp_peers/token_proxy.ts";

/** A server of `services/mcp`, as its YAML says it (JSON is YAML, too). */
export type ServerYaml = Readonly<Record<string, unknown>> & { readonly name: string };

export interface McpService extends TestService {
  /** Address of a server, or of `all`. */
  mcpUrl(server: string): string;
  /** A token that is good for a server, of the local operator unless told. */
  mcpToken(server: string, ...flags: string[]): Promise<string>;
  /** The server behind an address that needs no token. */
  openProxy(server: string): Promise<TokenProxy>;
}

/** The real service with these MCP servers behind it. */
export async function startMcpService(
  servers: readonly ServerYaml[],
  options: TestServiceOptions = {},
): Promise<McpService> {
  const service = await startService({
    ...options,
    async prepare(home) {
      for (const server of servers) await writeServer(home, server);
      await options.prepare?.(home);
    },
  });
  const gateway = Object.create(service) as TestService;
  const mcpUrl = (server: string) => `${service.url}/api/v1/mcp/${server}/mcp`;
  async function mcpToken(server: string, ...flags: string[]): Promise<string> {
    const { code, stdout, stderr } = await service.cli(
      "plugins",
      "mcp",
      "headers",
      server,
      ...flags,
    );
    if (code !== 0) throw new Error(`No token for "${server}": ${stderr}`);
    return JSON.parse(stdout).Authorization.replace("Bearer ", "");
  }
  return Object.assign(gateway, {
    mcpUrl,
    mcpToken,
    openProxy(server: string) {
      let token: Promise<string> | undefined;
      return startTokenProxy({
        target: mcpUrl(server),
        token: () => token ??= mcpToken(server),
      });
    },
  });
}

/** Writes or replaces the declaration of a server in a home. */
export async function writeServer(home: string, server: ServerYaml): Promise<void> {
  const folder = `${home}/services/mcp`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/${server.name}.yaml`, JSON.stringify(server));
}

const CONFORMANCE = fileURLToPath(new URL("./conformance/main.ts", import.meta.url));

/**
 * The conformance server in one file that needs nothing beside the runtime, so that it runs however it is
 * confined. Answers its declaration.
 */
export async function bundleConformanceServer(folder: string): Promise<ServerYaml> {
  const file = `${folder}/conformance_server.js`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "deno", "--output", file, CONFORMANCE],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  await Deno.chmod(folder, 0o755);
  return {
    name: "conformance",
    transport: "stdio",
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", "--no-config", "--no-lock", "-A", file, "stdio"],
  };
}
