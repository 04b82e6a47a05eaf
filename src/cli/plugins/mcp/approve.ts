import { AppError } from "../../../kernel/errors.ts";
import { didYouMean } from "../../../kernel/suggest.ts";
import { approvePending, diffTool, listPinnedTools, type PinnedTool } from "../../../mcp/mod.ts";
import { actorOf } from "../../actor.ts";
import { recordAdmin } from "../../audit.ts";
import { confirm } from "../../confirm.ts";
import type { CliContext } from "../../context.ts";
import { openDatabase } from "../../database.ts";
import type { DryRunFlag, YesFlag } from "../../flags.ts";
import { listServers } from "./servers.ts";

interface ApproveFlags extends DryRunFlag, YesFlag {}

export default async function approve(
  this: CliContext,
  { dryRun, yes }: ApproveFlags,
  server: string,
  tool: string | undefined,
): Promise<void> {
  const { sql } = await openDatabase(this);
  const known = await listPinnedTools(sql, server);
  const waiting = await chooseWaiting(this, known, server, tool);
  const shown = waiting.map(describe);
  const print = (approved: boolean) =>
    this.out.report({
      kind: "mcp.approve",
      data: { server, approved, tools: shown },
      views: shown.map(({ tool, change, difference }) => ({
        title: `${tool} (${change})`,
        isEmpty: false,
        render: ({ color }) => difference.map((line) => paint(line, color)),
      })),
      empty: `Nothing of "${server}" waits for approval.`,
    });
  if (dryRun || waiting.length === 0) return print(false);
  if (!yes && this.terminal) showFirst(this, shown);
  await confirm(this, `Approve ${waiting.length} of "${server}" as shown?`, yes);
  await sql.begin(async (transaction) => {
    for (const { tool, pendingHash } of waiting) {
      const done = await approvePending(transaction, server, tool, actorOf(this).userId);
      // What is approved is what was looked at: something newer has to be looked at first.
      if (done[0]?.hash !== pendingHash) throw changedMeanwhile(server, tool);
      await recordAdmin(this, transaction, {
        target: `mcp:${server}/${tool}`,
        decision: "ok",
        detail: { event: "tool_approved", hash: pendingHash },
      });
    }
  });
  print(true);
}

async function chooseWaiting(
  context: CliContext,
  known: readonly PinnedTool[],
  server: string,
  tool: string | undefined,
): Promise<readonly PinnedTool[]> {
  if (known.length === 0) {
    const names = (await listServers(context)).map(({ name }) => name);
    const isDeclared = names.includes(server);
    throw new AppError(
      "not_found",
      isDeclared
        ? `Nothing is known of the tools of "${server}" yet`
        : `There is no server "${server}"`,
      {
        hint: isDeclared
          ? `Ask it for them first: spgov plugins mcp tools ${server}`
          : didYouMean(server, names) ?? 'See "spgov plugins mcp list".',
      },
    );
  }
  const waiting = known.filter(({ pendingHash }) => pendingHash !== null);
  if (tool === undefined) return waiting;
  const found = known.find((each) => each.tool === tool);
  if (!found) {
    const hint = didYouMean(tool, known.map((each) => each.tool)) ??
      `See "spgov plugins mcp tools ${server}".`;
    throw new AppError("not_found", `"${server}" has no tool "${tool}"`, { hint });
  }
  return found.pendingHash === null ? [] : [found];
}

interface Shown {
  readonly tool: string;
  readonly change: "new" | "changed";
  readonly waiting_since: Date | null;
  /** Lines that begin with `-`, `+` or a blank; nothing in them is invisible. */
  readonly difference: readonly string[];
}

function describe(
  { tool, approvedDefinition, pendingDefinition, pendingSince }: PinnedTool,
): Shown {
  return {
    tool,
    change: approvedDefinition === null ? "new" : "changed",
    waiting_since: pendingSince,
    difference: diffTool(approvedDefinition, pendingDefinition)
      .map(({ sign, text }) => `${sign} ${text}`),
  };
}

/** Somebody is about to be asked: what about has to stand there before the question. */
function showFirst({ out }: CliContext, shown: readonly Shown[]): void {
  for (const { tool, change, difference } of shown) {
    out.note(`${tool} (${change})`);
    for (const line of difference) out.note(`  ${line}`);
  }
}

const COLORS: Readonly<Record<string, string>> = { "-": "31", "+": "32" };

function paint(line: string, color: boolean): string {
  const code = COLORS[line.charAt(0)];
  return color && code !== undefined ? `\x1b[${code}m${line}\x1b[0m` : line;
}

function changedMeanwhile(server: string, tool: string): AppError {
  return new AppError("conflict", `"${tool}" of "${server}" changed while it was looked at`, {
    hint: "Nothing was approved: look at it again.",
  });
}
