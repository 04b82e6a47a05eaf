/** A way a value reaches a tool: takes the value, gives the arguments of the call. */
export interface Carrier {
  readonly name: string;
  readonly wrap: (value: string) => Readonly<Record<string, unknown>>;
}

/** Carriers for a credential that shows itself. */
export const CARRIERS: readonly Carrier[] = [
  {
    name: "bash export",
    wrap: (v) => ({ command: `export CI_VALUE='${v}' && ./deploy.sh --env prod` }),
  },
  {
    name: "curl header",
    wrap: (v) => ({
      command: `curl -sS -H "X-Custom: ${v}" https://api.corp.test/v1/items | jq .`,
    }),
  },
  {
    name: "env file",
    wrap: (v) => ({
      file_path: "/srv/app/.env",
      content: `# settings\nPORT=8080\nUPSTREAM=${v}\nLOG_LEVEL=info\n`,
    }),
  },
  {
    name: "yaml",
    wrap: (v) => ({
      file_path: "config.yaml",
      content: `service:\n  region: eu-west-1\n  handle: ${v}\n  retries: 3\n`,
    }),
  },
  {
    name: "json text",
    wrap: (v) => ({ content: JSON.stringify({ region: "eu", handle: v, retries: 3 }, null, 2) }),
  },
  {
    name: "nested object",
    wrap: (v) => ({ server: { options: [{ handle: v }, { retries: 3 }] } }),
  },
  {
    name: "typescript",
    wrap: (v) => ({
      file_path: "src/client.ts",
      new_string: `const client = createClient(${
        JSON.stringify(v)
      }, { retries: 3 });\nexport default client;\n`,
    }),
  },
  {
    name: "sql",
    wrap: (v) => ({ query: `INSERT INTO integrations (id, handle) VALUES (7, '${v}');` }),
  },
  {
    name: "prompt",
    wrap: (v) => ({ prompt: `Please use ${v} to call the service and list the open invoices.` }),
  },
  {
    name: "tool output",
    wrap: (v) => ({ stdout: `Fetching…\nfound: ${v}\n3 records\n`, exit_code: 0 }),
  },
];

/** Carriers for a value that only its key betrays. */
export const KEY_CARRIERS: readonly {
  readonly name: string;
  readonly wrap: (key: string, value: string) => Readonly<Record<string, unknown>>;
}[] = [
  { name: "object key", wrap: (k, v) => ({ config: { [k]: v } }) },
  {
    name: "env assignment",
    wrap: (k, v) => ({ command: `${k.toUpperCase()}="${v}" node server.js` }),
  },
  {
    name: "env file",
    wrap: (k, v) => ({ content: `PORT=80\n${k.toUpperCase()}=${v}\nDEBUG=1\n` }),
  },
  { name: "json text", wrap: (k, v) => ({ content: JSON.stringify({ name: "x", [k]: v }) }) },
  { name: "yaml", wrap: (k, v) => ({ content: `a: 1\n${k}: ${v}\nb: 2\n` }) },
  { name: "code", wrap: (k, v) => ({ new_string: `  const ${camel(k)} = '${v}';\n  run();\n` }) },
  {
    name: "flag",
    wrap: (k, v) => ({
      command: `./tool --${k.toLowerCase().replaceAll("_", "-")} ${v} --verbose`,
    }),
  },
  {
    name: "python",
    wrap: (k, v) => ({ new_string: `os.environ["${k.toUpperCase()}"] = "${v}"\n` }),
  },
  { name: "go", wrap: (k, v) => ({ new_string: `var ${camel(k)} string = "${v}"\n` }) },
  { name: "name and value", wrap: (k, v) => ({ env: [{ name: k.toUpperCase(), value: v }] }) },
];

function camel(key: string): string {
  return key.includes("_")
    ? key.toLowerCase().replace(/_+([a-z0-9])/g, (_, c: string) => c.toUpperCase())
    : key;
}
