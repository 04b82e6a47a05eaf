import type { Configuration } from "../config/mod.ts";
import { endpointOf, providerEndpoints } from "../egress/mod.ts";
import type { DatabaseAddress } from "../kernel/database_address.ts";
import { dirname } from "node:path";
import type { LogConfig, LogSinkConfig } from "../profile/mod.ts";
import { logFilePath } from "./logs_setup.ts";
import { backupsOf, homeAt } from "../kernel/home.ts";
import { activeServers } from "./mcp_servers.ts";
import type { IsolateName } from "./protocol.ts";

/** Folders and addresses that the lists are computed from. */
export interface Surroundings {
  readonly home: string;
  readonly services: string;
  readonly profilePath: string;
  readonly database: DatabaseAddress;
  /** The same database as the isolate that keeps log lines reaches it. */
  readonly logs: DatabaseAddress;
  /** The same database as egress reaches it for secrets. */
  readonly vault: DatabaseAddress;
  readonly address: string;
  readonly port: number;
}

/** What one isolate may do; what is not named is refused. */
export interface PermissionList {
  readonly net: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly env: readonly string[];
  /** Programs, by absolute paths. */
  readonly run: readonly string[];
}

/** Debugging switches that the YAML library looks up. */
const YAML_SWITCHES = ["LOG_TOKENS", "LOG_STREAM"];

/** Reads the configuration before anything else is known: its files and nothing else. */
export function configurationPermissions(
  { services, profilePath }: Pick<Surroundings, "services" | "profilePath">,
): PermissionList {
  return { net: [], read: [services, profilePath], write: [], env: YAML_SWITCHES, run: [] };
}

const NOTHING: PermissionList = { net: [], read: [], write: [], env: [], run: [] };

/** Fetches one document from the one address that its host's name was looked up as. */
export function documentPermissions(address: string, port: number): PermissionList {
  return { ...NOTHING, net: [endpoint(address, port)] };
}

/** Speaks to one server of mail, at the addresses that its name was looked up as. */
export function mailPermissions(addresses: readonly string[], port: number): PermissionList {
  return { ...NOTHING, net: addresses.map((address) => endpoint(address, port)) };
}

/** The permission list of every isolate but the supervisor, from the configuration. */
export function computePermissions(
  { profile, mcp, oauth, identity }: Configuration,
  where: Surroundings,
): Readonly<Record<IsolateName, PermissionList>> {
  const { net: database, files: socket } = databaseAccess(where.database);
  const vault = databaseAccess(where.vault);
  // The file, not its folder: beside it stand the passwords of the database's other logins.
  const masterKey = `${where.home}/keys/master.key`;
  const upstreams = activeServers(mcp, profile.development).flatMap((server) =>
    server.transport === "http" ? endpointOf(new URL(server.endpoint)) : []
  );
  const backups = backupsOf(where.home, profile.backups.folder);
  const providers = identity.providers.flatMap(providerEndpoints);
  const seals = `${where.home}/seals`;
  return {
    configuration: configurationPermissions(where),
    gateway: {
      net: [endpoint(where.address, where.port), ...database],
      read: socket,
      write: socket,
      env: [],
      run: [],
    },
    egress: {
      net: [
        ...new Set([
          ...[...database, ...vault.net],
          ...[...profile.egress.hosts, ...upstreams, ...providers],
        ]),
      ],
      read: [...new Set([...socket, ...vault.files]), masterKey, seals, ...credentialsFolder()],
      write: [...new Set([...socket, ...vault.files]), seals],
      env: ["SPGOV_MASTER_KEY", "CREDENTIALS_DIRECTORY"],
      // Starts the servers of the configuration and nothing else; egress may not write it.
      run: [homeAt(where.home).launcher],
    },
    // Shown as what it is: the list of each such isolate names the one address that was looked up.
    documents: {
      ...NOTHING,
      net: oauth.client_metadata_documents ? ["one public address:443, looked up before"] : [],
    },
    logs: logsPermissions(profile.log, where),
    // Started by a command that mails, never by the service; its list names the addresses of this host.
    mail: mailPermissions(profile.smtp ? [profile.smtp.host] : [], profile.smtp?.port ?? 0),
    jobs: {
      net: database,
      read: [...socket, backups],
      write: [...socket, backups],
      env: [],
      run: [],
    },
    telemetry: telemetryPermissions(profile.telemetry.otlp?.endpoint, where),
  };
}

/** The table, the file of lines and the collectors. */
function logsPermissions(log: LogConfig, where: Surroundings): PermissionList {
  const { net, files } = databaseAccess(where.logs);
  const file = logFilePath(log, where.home);
  const folder = file === undefined ? [] : [dirname(file)];
  return {
    ...NOTHING,
    net: [...new Set([...net, ...log.sinks.map(sinkEndpoint)])],
    read: [...files, ...folder],
    write: [...files, ...folder],
  };
}

/** Reads the audit and sends to one collector; nothing at all where none is named. */
function telemetryPermissions(collector: string | undefined, where: Surroundings): PermissionList {
  if (collector === undefined) return NOTHING;
  const { net, files } = databaseAccess(where.logs);
  return { ...NOTHING, net: [...net, endpointOf(new URL(collector))], read: files, write: files };
}

function sinkEndpoint(sink: LogSinkConfig): string {
  return sink.type === "syslog" ? endpoint(sink.host, sink.port) : endpointOf(new URL(sink.url));
}

function credentialsFolder(): string[] {
  const folder = Deno.env.get("CREDENTIALS_DIRECTORY");
  return folder ? [folder] : [];
}

/** What reaching the database takes: its endpoint, and for a Unix socket the socket's own file. */
function databaseAccess({ host, port }: DatabaseAddress): {
  readonly net: readonly string[];
  readonly files: readonly string[];
} {
  if (!host.startsWith("/")) return { net: [endpoint(host, port)], files: [] };
  const socket = `${host}/.s.PGSQL.${port}`;
  return { net: [`unix:${socket}`], files: [socket] };
}

function endpoint(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The list in the form that `new Worker()` takes. */
export function toDenoPermissions(list: PermissionList): Deno.PermissionOptionsObject {
  return {
    net: list.net.length > 0 ? [...list.net] : false,
    read: list.read.length > 0 ? [...list.read] : false,
    write: list.write.length > 0 ? [...list.write] : false,
    env: list.env.length > 0 ? [...list.env] : false,
    run: list.run.length > 0 ? [...list.run] : false,
    ffi: false,
    sys: false,
    import: false,
  };
}
