import { type FoundHook, listHooks } from "../../../plugins/mod.ts";
import type { CliContext } from "../../context.ts";
import { findAddress } from "./address.ts";
import { claudeFiles, readSettings, type SettingsFile } from "./client_files.ts";

interface Flags {
  readonly dir?: string;
}

export default async function list(this: CliContext, { dir }: Flags): Promise<void> {
  const { url, isRunning } = await findAddress(this);
  const hooks = (await Promise.all(
    claudeFiles(this, dir).map(async (file) =>
      listHooks(await readSettings(file.path)).map((hook) => rowOf(file, hook, url))
    ),
  )).flat();
  this.out.table({
    kind: "hooks.list",
    rows: hooks,
    columns: [
      "scope",
      "event",
      "matcher",
      "type",
      { label: "HERE", of: ({ points_here }) => points_here },
      "target",
    ],
    data: { url, running: isRunning, hooks, total: hooks.length },
    empty: 'No hook. "spgov core hooks install claude-code" installs them.',
  });
}

interface Row {
  readonly scope: string;
  readonly file: string;
  readonly event: string;
  readonly matcher: string;
  readonly type: string;
  readonly target: string;
  /** Whether it calls the appliance of this home; null for hooks that have nothing to do with one. */
  readonly points_here: boolean | null;
  readonly plugin_id: string | null;
}

function rowOf({ scope, path }: SettingsFile, hook: FoundHook, here: string): Row {
  const { event, matcher, type, target, url, endpoint } = hook;
  const address = url === undefined ? null : URL.parse(url);
  return {
    scope,
    file: path,
    event,
    matcher,
    type,
    target,
    points_here: endpoint === undefined ? null : address?.origin === new URL(here).origin,
    plugin_id: address?.searchParams.get("plugin_id") ?? null,
  };
}
