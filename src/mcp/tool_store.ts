import type { Pool, Sql } from "../db/mod.ts";

/** A tool as it was approved, and as it is offered now where that differs. */
export interface PinnedTool {
  readonly server: string;
  readonly tool: string;
  readonly approvedHash: string | null;
  readonly approvedDefinition: unknown;
  readonly approvedAt: Date | null;
  readonly approvedBy: string | null;
  readonly pendingHash: string | null;
  readonly pendingDefinition: unknown;
  readonly pendingSince: Date | null;
}

/** A tool as a server offers it now. */
export interface SeenTool {
  readonly tool: string;
  readonly hash: string;
  /** What is pinned of it; asked for only where it is written down. */
  readonly definition: () => unknown;
}

/** Every tool on record, of one server or of all. */
export async function listPinnedTools(sql: Pool, server?: string): Promise<PinnedTool[]> {
  return await sql<PinnedTool[]>`
    select server, tool, approved_hash as "approvedHash", approved_definition as "approvedDefinition",
      approved_at as "approvedAt", approved_by as "approvedBy", pending_hash as "pendingHash",
      pending_definition as "pendingDefinition", pending_since as "pendingSince"
    from mcp_tools where ${server ?? null}::text is null or server = ${server ?? null}
    order by server, tool`;
}

/** The tool, kept from changing until the transaction ends. */
export async function lockPinnedTool(
  sql: Sql,
  server: string,
  tool: string,
): Promise<PinnedTool | undefined> {
  const [pinned] = await sql<PinnedTool[]>`
    select server, tool, approved_hash as "approvedHash", approved_definition as "approvedDefinition",
      approved_at as "approvedAt", approved_by as "approvedBy", pending_hash as "pendingHash",
      pending_definition as "pendingDefinition", pending_since as "pendingSince"
    from mcp_tools where server = ${server} and tool = ${tool} for update`;
  return pinned;
}

/** The hashes that are approved: `[server, tool, hash]`. */
export async function listApprovedHashes(
  sql: Pool,
): Promise<{ readonly server: string; readonly tool: string; readonly hash: string | null }[]> {
  return await sql`select server, tool, approved_hash as hash from mcp_tools`;
}

/** Approves what a server offers when nothing of it is on record yet. Answers how many were approved. */
export async function approveFirstSeen(
  sql: Pool,
  server: string,
  tools: readonly SeenTool[],
): Promise<number> {
  const rows = await sql`
    insert into mcp_tools (server, tool, approved_hash, approved_definition, approved_at, approved_by)
    select ${server}, seen.tool, seen.hash, seen.definition::jsonb, now(), 'first use'
    from unnest(
      ${tools.map(({ tool }) => tool)}::text[],
      ${tools.map(({ hash }) => hash)}::text[],
      ${tools.map(({ definition }) => JSON.stringify(definition()))}::text[]
    ) as seen (tool, hash, definition)
    where not exists (select from mcp_tools where server = ${server})
    on conflict do nothing
    returning tool`;
  return rows.length;
}

/** Writes down what waits for approval; of each tool the newest. */
export async function recordPending(
  sql: Pool,
  server: string,
  tools: readonly SeenTool[],
): Promise<void> {
  await sql`
    insert into mcp_tools (server, tool, pending_hash, pending_definition, pending_since)
    select ${server}, seen.tool, seen.hash, seen.definition::jsonb, now()
    from unnest(
      ${tools.map(({ tool }) => tool)}::text[],
      ${tools.map(({ hash }) => hash)}::text[],
      ${tools.map(({ definition }) => JSON.stringify(definition()))}::text[]
    ) as seen (tool, hash, definition)
    on conflict (server, tool) do update set pending_hash = excluded.pending_hash,
      pending_definition = excluded.pending_definition, pending_since = excluded.pending_since
    where mcp_tools.pending_hash is distinct from excluded.pending_hash
      and mcp_tools.approved_hash is distinct from excluded.pending_hash`;
}

/** Approves what waits, of one tool or of the whole server. Answers what was approved. */
export async function approvePending(
  sql: Sql,
  server: string,
  tool: string | undefined,
  by: string,
): Promise<{ readonly tool: string; readonly hash: string }[]> {
  return await sql`
    update mcp_tools set approved_hash = pending_hash, approved_definition = pending_definition,
      approved_at = now(), approved_by = ${by},
      pending_hash = null, pending_definition = null, pending_since = null
    where server = ${server} and pending_hash is not null
      and (${tool ?? null}::text is null or tool = ${tool ?? null})
    returning tool, approved_hash as hash`;
}
