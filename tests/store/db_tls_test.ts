import assert from "node:assert/strict";
import { join } from "node:path";
import { openPool } from "../../src/db/mod.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "../../src/kernel/database_address.ts";
import { type HomeMaker, makeHomes } from "../support/embedded_home.ts";

const hasOpenssl = await new Deno.Command("openssl", {
  args: ["version"],
  stdout: "null",
  stderr: "null",
})
  .output().then(({ success }) => success, () => false);

/** A PostgreSQL on TCP with a certificate for `localhost` only, as an operator could run one. */
interface TlsServer {
  readonly port: number;
  readonly certificate: string;
  readonly password: string;
  stop(): Promise<void>;
}

async function makeCertificate(folder: string): Promise<string> {
  const path = join(folder, "server.crt");
  const args = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
  ];
  const names = ["-addext", "subjectAltName=DNS:localhost"];
  const files = ["-keyout", join(folder, "server.key"), "-out", path];
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [...args, ...names, ...files],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return path;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

async function isReady(data: string): Promise<boolean> {
  const text = await Deno.readTextFile(join(data, "postmaster.pid")).catch(() => "");
  return /^ready\s*$/m.test(text);
}

async function startTlsServer(homes: HomeMaker): Promise<TlsServer> {
  const home = await homes.make();
  const data = join(home, "postgres", "data");
  const { uid, gid } = await Deno.stat(data);
  const account = Deno.uid() === 0 ? { uid: uid ?? 0, gid: gid ?? 0 } : {};
  const certificate = await makeCertificate(data);
  const key = join(data, "server.key");
  await Deno.chmod(key, 0o600);
  if (account.uid) await Deno.chown(key, account.uid, account.gid);
  await Deno.writeTextFile(
    join(data, "pg_hba.conf"),
    "hostssl all all 127.0.0.1/32 scram-sha-256\n",
  );
  const [program = ""] = (await Deno.readTextFile(join(data, "postmaster.opts"))).split(" ");
  const port = freePort();
  const child = new Deno.Command(program, {
    args: ["-D", data, "-h", "127.0.0.1", "-p", `${port}`, "-k", "", "-c", "ssl=on"],
    cwd: join(home, "postgres"),
    stderr: "null",
    ...account,
  }).spawn();
  while (!await isReady(data)) await new Promise((resolve) => setTimeout(resolve, 20));
  const keys = JSON.parse(await Deno.readTextFile(join(home, "keys", "database.json")));
  return {
    port,
    certificate,
    password: keys.spgov_owner,
    async stop() {
      child.kill("SIGINT");
      await child.status;
    },
  };
}

let homes: HomeMaker;
let server: TlsServer | undefined;
Deno.test.beforeAll(async () => {
  if (!hasOpenssl) return;
  homes = await makeHomes();
  server = await startTlsServer(homes);
});
Deno.test.afterAll(async () => {
  await server?.stop();
  await homes?.remove();
});

/** `TLSv1.3` and the like, `plain`, or why the connection was refused. */
async function connectTo(host: string, parameters: string): Promise<string> {
  assert.ok(server);
  const url =
    `postgres://spgov_owner:${server.password}@${host}:${server.port}/spgov?${parameters}`;
  const address: DatabaseAddress = parseDatabaseUrl(url.replace("CERT", server.certificate));
  const sql = openPool(address, { max: 1, applicationName: "tls test", connectTimeoutSeconds: 5 });
  try {
    const [row] = await sql`select version from pg_stat_ssl where pid = pg_backend_pid()`;
    return row?.version ?? "plain";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

for (
  const [host, parameters, expected] of [
    ["localhost", "", /^TLSv1\.[23]$/],
    ["localhost", "sslmode=require", /^TLSv1\.[23]$/],
    ["127.0.0.1", "sslmode=require", /^TLSv1\.[23]$/],
    ["localhost", "sslmode=verify-full&sslrootcert=CERT", /^TLSv1\.[23]$/],
    ["127.0.0.1", "sslmode=verify-ca&sslrootcert=CERT", /^TLSv1\.[23]$/],
    // The certificate is for the name: an address that it does not hold is somebody else.
    ["127.0.0.1", "sslmode=verify-full&sslrootcert=CERT", /does not match certificate/],
    ["127.0.0.1", "sslrootcert=CERT", /does not match certificate/],
    ["localhost", "sslmode=verify-full", /self-signed certificate/],
    ["localhost", "sslmode=verify-ca", /self-signed certificate/],
    ["localhost", "sslmode=disable", /no pg_hba\.conf entry .* no encryption/],
  ] as const
) {
  Deno.test({
    name: `a connection to ${host} with "${parameters}" gives ${expected}`,
    ignore: !hasOpenssl,
    async fn() {
      assert.match(await connectTo(host, parameters), expected);
    },
  });
}
