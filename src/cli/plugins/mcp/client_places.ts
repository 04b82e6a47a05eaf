import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../../../kernel/errors.ts";
import type { CliContext } from "../../context.ts";

/** Where a client looks for servers: the file, and the way to their entries in it. */
export interface ClientPlace {
  /** As it is named in what we print. */
  readonly client: string;
  readonly file: string;
  readonly path: readonly string[];
  /** Whether the client can only start commands: it cannot be given an address. */
  readonly commandsOnly: boolean;
  /** Whether the file is meant to be committed: it must not hold a token. */
  readonly isShared: boolean;
}

export type ClaudeScope = "user" | "local" | "project";

export interface PlaceWish {
  /** Of Claude Code: everything this user does, this user in one project, or everybody in it. */
  readonly scope?: ClaudeScope;
  readonly dir?: string;
}

/** Finds the file of a client by its name, or takes the path of an `mcp.json` as it is. */
export function findPlace(context: CliContext, client: string, wish: PlaceWish): ClientPlace {
  if (client === "claude-code") return claudeCode(context, wish);
  if (wish.scope !== undefined || wish.dir !== undefined) {
    throw new AppError("usage", "--scope and --dir go with claude-code only");
  }
  if (client === "claude-desktop") return claudeDesktop(context);
  if (/[/\\]|\.json$/.test(client)) return anyFile(resolve(context.cwd, client));
  throw new AppError("usage", `Cannot connect ${JSON.stringify(client)}`, {
    hint: "Name claude-code, claude-desktop or the path of an mcp.json file.",
  });
}

function claudeCode(context: CliContext, { scope, dir }: PlaceWish): ClientPlace {
  if (scope === "user" && dir !== undefined) {
    throw new AppError("usage", "--dir names a project: it does not go with --scope user");
  }
  const folder = resolve(context.cwd, dir ?? ".");
  const place = { client: "claude-code", commandsOnly: false };
  switch (scope ?? (dir === undefined ? "user" : "local")) {
    case "user":
      return { ...place, file: claudeState(context), path: ["mcpServers"], isShared: false };
    case "local": {
      const path = ["projects", folder, "mcpServers"];
      return { ...place, file: claudeState(context), path, isShared: false };
    }
    case "project":
      return { ...place, file: join(folder, ".mcp.json"), path: ["mcpServers"], isShared: true };
  }
}

/** The file in which Claude Code keeps what holds for one user. */
function claudeState({ env, cwd }: CliContext): string {
  if (env.CLAUDE_CONFIG_DIR) return resolve(cwd, env.CLAUDE_CONFIG_DIR, ".claude.json");
  return join(homeOf(env), ".claude.json");
}

function claudeDesktop({ env }: CliContext): ClientPlace {
  const folder = Deno.build.os === "darwin"
    ? join(homeOf(env), "Library", "Application Support", "Claude")
    : Deno.build.os === "windows" && env.APPDATA
    ? join(env.APPDATA, "Claude")
    : join(env.XDG_CONFIG_HOME || join(homeOf(env), ".config"), "Claude");
  return {
    client: "claude-desktop",
    file: join(folder, "claude_desktop_config.json"),
    path: ["mcpServers"],
    commandsOnly: true,
    isShared: false,
  };
}

/** Most clients read `mcpServers`; Visual Studio Code reads `servers` of the `mcp.json` in its own folder. */
function anyFile(file: string): ClientPlace {
  const isCode = basename(file) === "mcp.json" && /^(\.vscode|User)$/.test(basename(dirname(file)));
  return {
    client: "mcp.json",
    file,
    path: [isCode ? "servers" : "mcpServers"],
    commandsOnly: false,
    isShared: true,
  };
}

function homeOf(env: CliContext["env"]): string {
  if (env.HOME) return env.HOME;
  throw new AppError("usage", "Cannot tell where the user's settings are: HOME is not set");
}
