import type { Demo } from "../demo.ts";
import type { Scene } from "../scene.ts";
import { awsAccessKey } from "./credentials.ts";
import { callTool, giveCredential } from "./mcp_scene.ts";

const SERVERS = ["admin", "demo-files", "demo-github", "self"];

const servers: Demo = {
  name: "mcp/01-mcp-servers",
  aliases: ["mcp/01-servers"],
  title: "What stands behind the gateway, how confined it is, and what it offers to whom",
  async play(scene) {
    await giveCredential(scene);
    const listed = await scene.spgov("plugins", "mcp", "list", "--enabled");
    const names = (listed.data?.servers ?? []).map(({ name }: Named) => name);
    scene.expect("the four servers are declared", SERVERS.every((n) => names.includes(n)), names);
    const valid = await scene.spgov("plugins", "mcp", "validate");
    scene.expect("each of them answers", valid.status === 0, valid.data?.results ?? valid.stderr);

    const offered = await toolsOf(scene, "demo-files");
    scene.expect(
      "demo-files offers to read",
      stateOf(offered, "read_file") === "approved",
      offered,
    );
    scene.expect(
      "a tool that no rule lets through is not even listed",
      stateOf(offered, "delete_file") !== "approved",
      offered,
    );
    const asUser = await scene.spgov("plugins", "mcp", "tools", "admin", "--role", "user");
    const visible = (asUser.data?.tools ?? []).filter(({ state }: Tool) => state !== "hidden");
    scene.expect("a user sees no tool of admin", visible.length === 0, visible);

    const status = await scene.spgov("plugins", "mcp", "status");
    scene.expect("nothing has failed", status.status === 0, status.data);
    for (const { server, confinement } of status.data?.servers ?? []) {
      scene.say(`${server} is confined by: ${confinement}`);
    }
    await knock(scene);
  },
};

/** Whoever comes without a token is told where to get one. */
async function knock(scene: Scene): Promise<void> {
  const path = "/api/v1/mcp/demo-files/mcp";
  const refused = await fetch(`${scene.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
  });
  await refused.body?.cancel();
  const challenge = refused.headers.get("www-authenticate") ?? "";
  scene.expect("without a token nobody is let in", refused.status === 401, refused.status);
  scene.expect("… and is told where tokens come from", challenge.includes("resource_metadata="));
  const metadata = await fetch(`${scene.url}/.well-known/oauth-protected-resource${path}`);
  const { resource } = await metadata.json().catch(() => ({}));
  scene.expect("… for this one server", resource === `${scene.url}${path}`, resource);
}

const accessTracking: Demo = {
  name: "mcp/02-mcp-access-tracking",
  aliases: ["mcp/02-access-tracking"],
  title: "Every use of a server leaves its row: allowed, denied, and by whom",
  async play(scene) {
    const allowed = await callTool(scene, "demo-files", "read_file", { path: "README.md" });
    scene.expect("an allowed call answers", allowed.status === 0, allowed.text);
    const row = await rowOf(scene, allowed.decisionId);
    scene.expect("its row names the caller", row?.user_id === "operator", row?.user_id);
    scene.expect("… the tool", row?.target === "mcp:demo-files/read_file", row?.target);
    scene.expect("… and what came of it", row?.outcome === "ok" && row?.output_bytes > 0, row);

    const key = awsAccessKey();
    const leak = { path: "notes.txt", content: `key = ${key}` };
    const denied = await callTool(scene, "demo-files", "write_file", leak);
    scene.expect("a leaking call is denied, with exit status 4", denied.status === 4, denied);
    scene.expect("… by secret_detection", denied.policy === "secret_detection", denied.text);
    const deniedRow = await rowOf(scene, denied.decisionId);
    scene.expect("its row says that it never ran", deniedRow?.outcome === "denied", deniedRow);
    const told = denied.text + JSON.stringify(deniedRow ?? null);
    scene.expect("neither holds a part of the key", !told.includes(key.slice(-10)));

    const user = await callTool(scene, "admin", "admin_users_list", {}, "--role", "user");
    scene.expect("a user may not use admin", user.status === 4, user.text);
    const listed = await scene.spgov("infra", "logs", "tools", "list", "--server", "demo-files");
    const ids = (listed.data?.calls ?? []).map((call: Row) => call.request_id);
    scene.expect(
      "the history has both calls",
      [allowed, denied].every(({ decisionId }) => ids.includes(decisionId)),
      ids,
    );
  },
};

const toolExecution: Demo = {
  name: "mcp/03-mcp-tool-execution",
  title: "A server with a credential that it tries to give away",
  async play(scene) {
    const token = await giveCredential(scene);
    const used = await callTool(scene, "demo-github", "list_issues", {});
    scene.expect("the server uses its credential", used.structured?.issues?.length === 2, used);
    for (const form of ["raw", "base64", "hex", "url"]) {
      const leaked = await callTool(scene, "demo-github", "leak_credential", { form });
      scene.expect(
        `printed as ${form} it is redacted`,
        leaked.status === 0 && leaked.text.includes("[redacted:demo-github-token]"),
        leaked.text,
      );
    }
    const environment = await callTool(scene, "demo-github", "leak_environment", {});
    const variables = environment.text.split("\n").map((line) => line.split("=")[0]);
    scene.expect("its environment has the one secret", variables.includes("GITHUB_TOKEN"));
    scene.expect(
      "… and nothing of the appliance",
      !variables.some((name = "") => /^(SPGOV|DATABASE|PG)/.test(name)),
      variables,
    );
    const failed = await callTool(scene, "demo-github", "leak_error", {});
    scene.expect("a tool that fails is told apart from a denial", failed.status === 1, failed);
    scene.expect("its message is redacted, too", failed.text.includes("[redacted:"), failed.text);
    const logs = await scene.spgov("plugins", "mcp", "logs", "demo-github");
    scene.expect("… and what it wrote to standard error", /redacted:/.test(textOf(logs.data)));
    const row = await rowOf(scene, failed.decisionId);
    scene.expect("the row says that it failed", row?.outcome === "error", row?.outcome);
    const everything = [environment.text, failed.text, textOf(logs.data), textOf(row)].join();
    scene.expect("nothing of all this holds the credential", !everything.includes(token.slice(6)));

    const history = await scene.spgov("infra", "logs", "tools", "list", "--limit", "10");
    const calls: readonly Row[] = history.data?.calls ?? [];
    scene.expect(
      "the history tells how long each ran",
      calls.length > 0 && calls.every((c) => c.status === "denied" || c.execution_time_ms !== null),
      calls,
    );
    const self = await callTool(scene, "self", "my_error_rate", { since: "1h" });
    scene.expect("an agent can see its own error rate", self.structured?.error_rate > 0, self);
  },
};

interface Named {
  readonly name: string;
}

interface Tool extends Named {
  readonly state: string;
}

// deno-lint-ignore no-explicit-any -- documents of every shape
type Row = any;

async function toolsOf(scene: Scene, server: string): Promise<readonly Tool[]> {
  return (await scene.spgov("plugins", "mcp", "tools", server)).data?.tools ?? [];
}

function stateOf(tools: readonly Tool[], name: string): string | undefined {
  return tools.find((tool) => tool.name === name)?.state;
}

async function rowOf(scene: Scene, decisionId: string): Promise<Row> {
  const found = await scene.eventually(
    () => scene.spgov("infra", "logs", "audit", decisionId, "--full"),
    ({ data }) => data?.calls?.[0]?.outcome !== "open",
  );
  return found.data?.calls?.[0];
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

export const MCP: readonly Demo[] = [servers, accessTracking, toolExecution];
