-- What MCP servers offer, as it was approved, and what they offer now where that differs.
create table mcp_tools (
  server text not null,
  tool text not null,
  approved_hash text,
  approved_definition jsonb,
  approved_at timestamptz,
  approved_by text,
  pending_hash text,
  pending_definition jsonb,
  pending_since timestamptz,
  primary key (server, tool)
);

-- A gateway may write down what it sees, and approve what nobody has seen before; it may not change what
-- was approved.
grant select, insert on mcp_tools to spgov_serve;
grant update (pending_hash, pending_definition, pending_since) on mcp_tools to spgov_serve;

create function announce_mcp_tool() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_mcp_tools', coalesce(new.server, old.server));
  return null;
end $$;

create trigger mcp_tools_changed after insert or delete or update of approved_hash on mcp_tools
  for each row execute function announce_mcp_tool();
