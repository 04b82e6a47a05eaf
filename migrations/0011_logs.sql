-- The role that keeps log lines and sends them on: the isolate that reaches log collectors takes it.
do $$
begin
  begin
    create role spgov_logs nologin;
  exception when duplicate_object or unique_violation then null;
  end;
  begin
    grant spgov_logs to current_user;
  exception when insufficient_privilege or invalid_grant_operation then null;
  end;
end $$;
grant usage on schema public to spgov_logs;

-- How far each writer is. A writer's lines are numbered without a gap in the order in which they became
-- durable: what reads on from a number misses none.
create table log_heads (
  writer text   primary key,
  n      bigint not null
) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- A partition for each level: they are kept for different times.
create table logs (
  id         uuid        not null,
  created_at timestamptz not null,
  level      text        not null,
  isolate    text        not null,
  module     text        not null,
  message    text        not null,
  -- `none` where the line is about no call
  user_id    text        not null,
  session_id text        not null,
  task_id    text        not null,
  trace_id   text        not null,
  context_id text        not null,
  client_id  text        not null,
  fields     jsonb       not null,
  writer     text        not null,
  n          bigint      not null,
  -- UUIDv7: in the order of time, so that a period is a range of it
  primary key (id, level)
) partition by list (level);
create table logs_debug partition of logs for values in ('debug');
create table logs_info  partition of logs for values in ('info');
create table logs_warn  partition of logs for values in ('warn');
create table logs_error partition of logs for values in ('error');
create index logs_writer_idx on logs (writer, n);
create index logs_trace_idx on logs (trace_id text_pattern_ops) where trace_id <> 'none';
create index logs_session_idx on logs (session_id) where session_id <> 'none';

-- Levels that were set while running; those of the profile hold where there is none. Module `*` is all.
create table log_levels (
  module  text        primary key,
  level   text        not null check (level in ('debug', 'info', 'warn', 'error')),
  set_by  text        not null,
  set_at  timestamptz not null default clock_timestamp(),
  until   timestamptz
);
create function announce_log_level() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_log_levels', coalesce(new.module, old.module));
  return null;
end $$;
create trigger log_levels_changed after insert or update or delete on log_levels
  for each row execute function announce_log_level();

-- Who sends to a collector: one replica at a time, for as long as its lease lasts.
create table log_sinks (
  name              text        primary key,
  -- whether lines are wanted, or rows of the audit only
  has_lines         boolean     not null default false,
  lease_holder      text,
  lease_until       timestamptz,
  -- what is not wanted any more is not waited for
  wanted_at         timestamptz not null default clock_timestamp(),
  delivered         bigint      not null default 0,
  refused           bigint      not null default 0,
  last_delivered_at timestamptz,
  failing_since     timestamptz,
  last_error        text
);

-- How far a collector is: the number of the last line or audit batch that it took.
create table log_cursors (
  sink     text   not null references log_sinks (name) on delete cascade,
  source   text   not null check (source in ('audit', 'logs')),
  writer   text   not null,
  position bigint not null,
  primary key (sink, source, writer)
) with (fillfactor = 50);

-- Events that a collector will never take, by its own word.
create table log_refused (
  sink       text        not null references log_sinks (name) on delete cascade,
  source     text        not null,
  event_id   uuid        not null,
  reason     text        not null,
  refused_at timestamptz not null default clock_timestamp(),
  primary key (sink, event_id)
);

grant select, insert on logs to spgov_logs;
grant select, insert, update on log_heads, log_sinks, log_cursors to spgov_logs;
grant select, insert on log_refused to spgov_logs;
grant select on log_levels, audit, audit_head, audit_batches to spgov_logs;
grant select on logs, log_heads, log_levels, log_sinks, log_cursors, log_refused to spgov_serve;
