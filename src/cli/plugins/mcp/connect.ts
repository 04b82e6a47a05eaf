import { AppError } from "../../../kernel/errors.ts";
import { selfCommand } from "../../../kernel/self.ts";
import {
  type ClientEntries,
  type ClientEntry,
  entryName,
  type MergedEntries,
  mergeEntries,
  serverPath,
} from "../../../plugins/mod.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { findAddress, findClientUrl, parseAddress } from "../../core/hooks/address.ts";
import { readSettings } from "../../core/hooks/client_files.ts";
import { writeEntries } from "./client_entries.ts";
import { type ClaudeScope, type ClientPlace, findPlace } from "./client_places.ts";
import { issueServerToken } from "./server_token.ts";

export interface ConnectFlags {
  readonly scope?: ClaudeScope;
  readonly dir?: string;
  readonly server?: readonly string[];
  readonly url?: string;
  readonly token: boolean;
  readonly helper: boolean;
  readonly stdio: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** How the client proves who it is. */
type Proof = "oauth" | "token" | "helper" | "stdio";

export default async function connect(
  this: CliContext,
  flags: ConnectFlags,
  client: string,
): Promise<void> {
  const place = findPlace(this, client, flags);
  const proof = chooseProof(place, flags);
  const servers = flags.server ?? ["all"];
  const url = flags.url === undefined ? await findClientUrl(this) : parseAddress(flags.url);
  const { isRunning } = await findAddress(this);
  if (!isRunning && flags.url === undefined) {
    this.out.warn(`No appliance runs in "${this.home}": the client will not reach it yet`);
  }
  const existing = await readSettings(place.file);
  const merge = (entries: ClientEntries) => mergeEntries(existing, place.path, entries);
  // Without a token first: nothing is issued for what cannot be written.
  const planned = merge(await buildEntries(this, servers, url, proof, PENDING));
  const summary = { client: place.client, file: place.file, url, proof, changes: planned.changes };
  if (flags.dryRun || planned.changes.every(({ action }) => action === "kept")) {
    this.out.note(flags.dryRun ? "Dry run: nothing was changed." : "Connected already.");
    return print(this, summary, null);
  }
  const count = planned.changes.length === 1 ? "an entry" : `${planned.changes.length} entries`;
  await confirm(this, `Write ${count} into "${place.file}"?`, flags.yes);
  const merged = proof === "token" ? merge(await buildEntries(this, servers, url, proof)) : planned;
  print(this, summary, await writeEntries(place, merged, existing !== undefined));
  this.out.note(NEXT[proof]);
}

/** Stands for a token that is not issued yet; never written. */
const PENDING = "pending";

const NEXT: Readonly<Record<Proof, string>> = {
  oauth: "The client will ask you to sign in when it first connects.",
  token: "The token is good for 15 minutes: do this again for another one.",
  helper:
    "The client fetches a token of its own whenever it connects; in a project once that is trusted.",
  stdio: "The client starts this program, which fetches its own tokens.",
};

function chooseProof(place: ClientPlace, { token, helper, stdio }: ConnectFlags): Proof {
  const wanted = [token && "token", helper && "helper", stdio && "stdio"].filter(Boolean);
  if (wanted.length > 1) {
    throw new AppError("usage", `--${wanted.join(" and --")} do not go together`);
  }
  const proof = (wanted[0] || (place.commandsOnly ? "stdio" : "oauth")) as Proof;
  if (place.commandsOnly && proof !== "stdio") {
    throw new AppError("usage", `${place.client} can only start commands: use --stdio`);
  }
  if (proof === "helper" && place.client !== "claude-code") {
    throw new AppError("usage", "Only claude-code runs a command for its headers");
  }
  if (proof === "token" && place.isShared) {
    throw new AppError("usage", `"${place.file}" may be committed: it must not hold a token`, {
      hint: "Leave --token out, or use --stdio; for claude-code there is --scope local.",
    });
  }
  return proof;
}

async function buildEntries(
  context: CliContext,
  servers: readonly string[],
  url: string,
  proof: Proof,
  token?: string,
): Promise<ClientEntries> {
  const entries = servers.map(async (server) =>
    [entryName(server), await buildEntry(context, server, url, proof, token)] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function buildEntry(
  context: CliContext,
  server: string,
  base: string,
  proof: Proof,
  token?: string,
): Promise<ClientEntry> {
  const http = { type: "http", url: `${base}${serverPath(server)}` } as const;
  switch (proof) {
    case "oauth":
      return http;
    case "token": {
      const value = token ?? (await issueServerToken(context, { server, url: base })).token;
      return { ...http, headers: { Authorization: `Bearer ${value}` } };
    }
    case "helper":
      return {
        ...http,
        headersHelper: ourCommand(context, "headers", server).map(quote).join(" "),
      };
    case "stdio": {
      const [command = "", ...args] = ourCommand(context, "stdio", server);
      return { command, args };
    }
  }
}

/** This program, so that it works from anywhere. */
function ourCommand({ home }: CliContext, verb: string, server: string): string[] {
  const { command, args } = selfCommand();
  return [command, ...args, "--quiet", "--home", home, "plugins", "mcp", verb, server];
}

/** For a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function print(
  context: CliContext,
  summary: {
    readonly client: string;
    readonly file: string;
    readonly changes: MergedEntries["changes"];
  },
  backup: string | null,
): void {
  const data = { ...summary, backup };
  const { changes, ...fields } = data;
  const entries = changes.map(({ entry, action }) => `${entry} (${action})`).join(", ");
  context.out.card({ kind: "mcp.connect", data, fields: { ...fields, entries } });
}
