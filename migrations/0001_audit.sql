-- Roles. Embedded: they exist with a login of their own. External: made here without one, taken by SET ROLE.
do $$
declare
  role text;
begin
  foreach role in array array['spgov_serve', 'spgov_retention'] loop
    begin
      execute format('create role %I nologin', role);
    exception when duplicate_object or unique_violation then null;
    end;
    begin
      execute format('grant %I to current_user', role);
    exception when insufficient_privilege or invalid_grant_operation then null;
    end;
  end loop;
end $$;
grant usage on schema public to spgov_serve, spgov_retention;

-- The one audit table: exactly 18 columns. The six identifiers are never null.
create table audit (
  id                uuid        not null,
  created_at        timestamptz not null,
  kind              text        not null check (kind in ('decision', 'outcome', 'identity', 'admin', 'system')),
  call_id           uuid        not null,
  user_id           text        not null,
  session_id        text        not null,
  task_id           text        not null,
  trace_id          text        not null,
  context_id        text        not null,
  client_id         text        not null,
  role              text        not null check (role in ('admin', 'user', 'service', 'a2a', 'mcp', 'anonymous')),
  surface           text        not null check (surface in ('hook', 'mcp', 'model', 'agent', 'api', 'cli')),
  target            text        not null,
  decision          text        not null check (decision in ('allow', 'deny', 'ok', 'error', 'cancelled', 'timeout')),
  policy            text        not null,
  detail            jsonb       not null,
  cost_microdollars bigint      not null,
  latency_us        bigint      not null,
  primary key (id, created_at)
) partition by range (created_at);

create index audit_outcome_idx on audit (call_id) where kind = 'outcome';
create index audit_trace_idx on audit (trace_id text_pattern_ops);
-- newest row of a session first; also finds a session by the beginning of its id
create index audit_session_idx on audit (session_id text_pattern_ops, id);

-- One head per writer. The compare-and-swap on (root, epoch) is the fork guard.
create table audit_head (
  writer     text        primary key,
  n          bigint      not null,
  batch      bigint      not null,
  root       bytea       not null,
  last_at    timestamptz not null,
  epoch      uuid        not null
) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The skeleton: which rows a batch holds, their leaf hashes (32 bytes each, in order) and the chain of roots.
create table audit_batches (
  writer        text   not null,
  batch         bigint not null,
  first_n       bigint not null,
  row_ids       uuid[] not null,
  leaves        bytea  not null,
  root          bytea  not null,
  previous_root bytea  not null,
  primary key (writer, batch)
)
-- Rows of hashes and ids: compressing them is in vain, and most fit into a page as they are.
with (toast_tuple_target = 8160, autovacuum_vacuum_insert_threshold = -1,
      autovacuum_analyze_scale_factor = 1, autovacuum_analyze_threshold = 50000);
alter table audit_batches alter column row_ids set storage external;
alter table audit_batches alter column leaves set storage external;

create table audit_seals (
  writer        text        not null,
  seal          bigint      not null,
  n             bigint      not null,
  batch         bigint      not null,
  root          bytea       not null,
  sealed_at     timestamptz not null,
  previous_seal bytea       not null,
  -- the newest seal of every other writer: {"<writer>": {"seal": 3, "hash": "<hex>"}}
  others        jsonb       not null,
  key_id        text        not null,
  signature     bytea       not null,
  primary key (writer, seal)
);

-- Windows of limits and budgets. A window cannot be overrun: the check fails the whole commit.
create table limit_windows (
  key        text        primary key,
  started_at timestamptz not null,
  length_ms  bigint      not null,
  used       bigint      not null,
  cap        bigint      not null,
  constraint limit_windows_within_cap check (used <= cap)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

-- One row per governed call: the decision, with its outcome where there is one.
create view audit_calls as
select d.id, d.created_at, d.user_id, d.session_id, d.task_id, d.trace_id, d.context_id, d.client_id,
       d.role, d.surface, d.target, d.decision, d.policy, d.detail, d.latency_us,
       case when d.decision = 'deny' then 'denied' else coalesce(o.decision, 'open') end as outcome,
       o.id as outcome_id, o.created_at as finished_at, o.detail as outcome_detail,
       o.latency_us as outcome_latency_us,
       d.cost_microdollars + coalesce(o.cost_microdollars, 0) as cost_microdollars
  from audit d
  left join lateral (
    select id, created_at, decision, detail, latency_us, cost_microdollars
      from audit
     where kind = 'outcome' and call_id = d.id
     order by id
     limit 1
  ) o on true
 where d.kind = 'decision';

-- Append-only, for everybody: only a session that took the retention role may remove whole partitions.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % is refused: the audit is append-only', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

create trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function refuse_change();
create trigger audit_batches_append_only before update or delete or truncate on audit_batches
  for each statement execute function refuse_change();
create trigger audit_seals_append_only before update or delete or truncate on audit_seals
  for each statement execute function refuse_change();
create trigger audit_head_no_removal before delete or truncate on audit_head
  for each statement execute function refuse_change();

-- Makes the partition of the month that holds `day`, with its own guard (triggers on the parent do not
-- fire for statements that name the partition).
create function ensure_audit_partition(day timestamptz) returns text language plpgsql as $$
declare
  first date := date_trunc('month', day at time zone 'UTC');
  name text := 'audit_' || to_char(first, 'YYYY_MM');
begin
  if to_regclass(name) is not null then
    return name;
  end if;
  -- Rows never change: there is nothing to vacuum, and reading them over and over to count them would
  -- take the processor from the calls. Freezing still happens when it is due.
  execute format('create table %I partition of audit for values from (%L) to (%L)
      with (autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 1,
            autovacuum_analyze_threshold = 50000)', name,
    first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
  execute format('create trigger append_only before update or delete or truncate on %I
    for each statement execute function refuse_change()', name);
  execute format('grant select, insert on %I to spgov_serve', name);
  return name;
exception when duplicate_table then
  return name;
end $$;

select ensure_audit_partition(clock_timestamp() + make_interval(months => month)) from generate_series(-1, 3) as month;
-- Rows of a clock that is far off still find a place; a default partition is never empty of meaning.
create table audit_other partition of audit default;
create trigger append_only before update or delete or truncate on audit_other
  for each statement execute function refuse_change();

grant select, insert on audit, audit_batches, audit_seals, audit_other to spgov_serve;
grant select, insert, update on audit_head, limit_windows to spgov_serve;
grant select on audit_calls to spgov_serve;
grant select, insert on audit, audit_batches, audit_seals to spgov_retention;
