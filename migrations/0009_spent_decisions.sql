-- Decisions that a verb of the command line was run by: each once. Gateways write decisions and may not write
-- here; egress, which reads the decision before it lets the verb run, may.
create table spent_decisions (
  call_id  uuid        primary key,
  spent_at timestamptz not null default clock_timestamp()
);

grant select, insert, delete on spent_decisions to spgov_vault;
