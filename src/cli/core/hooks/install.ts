import { AppError, messageOf } from "../../../kernel/errors.ts";
import type { Tier } from "../../../kernel/tiers.ts";
import { claudeHookSettings, type MergedHooks, mergeHookSettings } from "../../../plugins/mod.ts";
import { confirm } from "../../confirm.ts";
import { type GatewayEntry, planGatewayEntry } from "../../plugins/mcp/client_entries.ts";
import type { CliContext } from "../../context.ts";
import { findAddress, findClientUrl, parseAddress } from "./address.ts";
import { localSettings, readSettings, userSettings, writeSettings } from "./client_files.ts";
import {
  endHookSessions,
  findTokens,
  type HookTokenState,
  issueHookToken,
  type KnownTokens,
} from "./hook_token.ts";
import { type CommitGuard, excludeFromCommits, findCommitGuard } from "./version_control.ts";

interface Flags {
  readonly scope?: "user" | "project";
  readonly dir?: string;
  readonly pluginId: string;
  readonly url?: string;
  readonly user?: string;
  readonly role?: Tier;
  readonly ttl: number;
  readonly mcp: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** Everything that is known before anything is written. */
interface Plan {
  readonly scope: "user" | "project";
  readonly file: string;
  readonly url: string;
  readonly pluginId: string;
  readonly existing: unknown;
  readonly guard: CommitGuard;
  readonly tokens: KnownTokens;
  /** With the token that is kept, or with none yet. */
  readonly merged: MergedHooks;
  /** The client's entry for the MCP gateway; undefined where it is not wanted or cannot be written. */
  readonly entry: GatewayEntry | undefined;
}

/** Stands for a token that is not issued yet; never written. */
const PENDING = "pending";

export default async function install(
  this: CliContext,
  flags: Flags,
  client: "claude-code",
): Promise<void> {
  const plan = await makePlan(this, flags);
  const { changes, warnings } = plan.merged;
  for (const { action, event } of changes) this.out.note(`${action}: ${event}`);
  for (const warning of warnings) this.out.warn(warning);
  const { entry } = plan;
  if (entry && entry.change !== "kept") this.out.note(`${entry.change}: MCP gateway`);
  const mcp = entry ? { mcp_file: entry.file, mcp_entry: entry.change } : {};
  const summary = { client, scope: plan.scope, file: plan.file, url: plan.url, ...mcp };
  const isDone = changes.length === 0 && (entry === undefined || entry.change === "kept");
  if (flags.dryRun || isDone) {
    this.out.note(isDone ? "Installed already." : "Dry run: nothing was changed.");
    const data = { ...summary, ...shownToken(plan.tokens.usable), changes, changed: false };
    return this.out.card({ kind: "hooks.install", data, fields: fieldsOf(data) });
  }
  await confirm(this, `Write ${changes.length} hooks into "${plan.file}"?`, flags.yes);
  const token = await apply(this, plan, flags);
  await entry?.write();
  const data = { ...summary, ...shownToken(token), changes, changed: true };
  this.out.card({ kind: "hooks.install", data, fields: fieldsOf(data) });
  this.out.note(
    'See "spgov core hooks validate". A client that runs already reads them at its next start.',
  );
}

async function makePlan(context: CliContext, flags: Flags): Promise<Plan> {
  const scope = scopeOf(flags);
  const file = scope === "user" ? userSettings(context) : localSettings(context, flags.dir);
  const existing = await readSettings(file);
  const guard = scope === "user"
    ? { state: "no_repository" } as const
    : await findCommitGuard(file);
  if (guard.state === "unknown") {
    context.out.warn(`Keep "${file}" out of version control: it holds a token`);
  }
  const address = await findAddress(context);
  const url = flags.url === undefined ? address.url : parseAddress(flags.url);
  if (!address.isRunning && flags.url === undefined) {
    context.out.warn(
      `No appliance runs in "${context.home}": until it does, every call is blocked`,
    );
  }
  const tokens = await findTokens(context, existing, flags);
  const base = { scope, file, url, pluginId: flags.pluginId, existing, guard, tokens };
  const entry = flags.mcp ? await findEntry(context, scope, flags) : undefined;
  return { ...base, entry, merged: merge(base, tokens.usable?.token ?? PENDING) };
}

/** An entry that cannot be written is no reason to leave calls ungoverned. */
async function findEntry(
  context: CliContext,
  scope: Plan["scope"],
  { url, dir }: Flags,
): Promise<GatewayEntry | undefined> {
  try {
    return await planGatewayEntry(context, {
      // What is for one project is for this user there, as the hooks are: nothing to be committed.
      scope: scope === "project" ? "local" : "user",
      dir,
      url: url === undefined ? await findClientUrl(context) : parseAddress(url),
    });
  } catch (error) {
    context.out.warn(`The client gets no entry for the MCP gateway: ${messageOf(error)}`);
    return undefined;
  }
}

function scopeOf({ scope, dir }: Flags): "user" | "project" {
  if (scope === "user" && dir !== undefined) {
    throw new AppError("usage", "--dir names a project: it does not go with --scope user");
  }
  return scope ?? (dir === undefined ? "user" : "project");
}

function merge(
  { existing, url, pluginId }: Pick<Plan, "existing" | "url" | "pluginId">,
  token: string,
): MergedHooks {
  return mergeHookSettings(
    existing,
    claudeHookSettings({ url, pluginId, token: { value: token } }),
  );
}

/** Opens the session, writes the file, ends the sessions that it replaces. A token that is not written ends, too. */
async function apply(context: CliContext, plan: Plan, flags: Flags): Promise<HookTokenState> {
  const token = plan.tokens.usable ?? await issueHookToken(context, flags);
  try {
    if (plan.guard.state === "exclude") await excludeFromCommits(plan.guard);
    await writeSettings(plan.file, merge(plan, token.token).settings);
  } catch (error) {
    if (!plan.tokens.usable) await endHookSessions(context, [token.session_id]);
    throw error;
  }
  const replaced = plan.tokens.sessions.filter((id) => id !== token.session_id);
  await endHookSessions(context, replaced);
  return token;
}

/** What may be told of a token: everything but the token. */
function shownToken(state: HookTokenState | undefined): object {
  if (!state) return {};
  const { token: _, ...shown } = state;
  return shown;
}

function fieldsOf(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { changes, ...fields } = data;
  return { ...fields, hooks: Array.isArray(changes) ? changes.length : 0 };
}
