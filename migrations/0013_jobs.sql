-- What the schedulers of all replicas agree on: when each job is due next.
create table jobs (
  name        text        primary key check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  -- as configured, by whichever replica read its configuration last
  configured  boolean     not null,
  schedule    text        not null,
  time_zone   text        not null,
  -- the operator's switch goes before the configuration; null: as configured
  enabled     boolean,
  -- null while it is switched off
  next_at     timestamptz,
  -- what a job wants to know the next time
  mark        jsonb       not null default '{}'
);

create table job_runs (
  id            uuid        primary key,
  job           text        not null,
  trigger       text        not null default 'manual' check (trigger in ('schedule', 'catch_up', 'retry', 'manual')),
  requested_by  text        not null,
  -- the due time it is for; null for a run on demand
  scheduled_for timestamptz,
  attempt       integer     not null default 1,
  -- only what this run says otherwise than the configuration
  parameters    jsonb       not null default '{}',
  status        text        not null default 'queued'
                            check (status in ('queued', 'running', 'ok', 'failed', 'timeout', 'cancelled', 'lost', 'skipped')),
  created_at    timestamptz not null default clock_timestamp(),
  not_before    timestamptz not null default clock_timestamp(),
  -- which replica runs it, and when it last said so
  node          text,
  started_at    timestamptz,
  heartbeat_at  timestamptz,
  finished_at   timestamptz,
  cancelled_by  text,
  progress_done  bigint,
  progress_total bigint,
  progress_note  text,
  message       text,
  processed     bigint,
  failed        bigint
);
-- Each due time is tried once by whoever comes first, and a job runs once at a time.
create unique index job_runs_due_idx on job_runs (job, scheduled_for, attempt) where scheduled_for is not null;
create unique index job_runs_running_idx on job_runs (job) where status = 'running';
create index job_runs_queue_idx on job_runs (not_before) where status = 'queued';
create index job_runs_job_idx on job_runs (job, id);
create index job_runs_status_idx on job_runs (status, id);

-- Schedulers that are alive: whoever asks for a run wants to know whether anybody takes it up.
create table job_nodes (
  node    text        primary key,
  seen_at timestamptz not null
);

-- Schedulers listen: a run on demand, a cancellation or a switch must not wait for their next look.
create function announce_jobs() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_jobs', '');
  return null;
end $$;
create trigger job_runs_requested after insert or update of cancelled_by on job_runs
  for each statement execute function announce_jobs();
create trigger jobs_switched after update of enabled on jobs
  for each statement execute function announce_jobs();

-- Gateways may ask for a run, cancel one and switch a job; they cannot say that one has run.
grant select on jobs, job_runs, job_nodes to spgov_serve;
grant update (enabled) on jobs to spgov_serve;
grant insert (id, job, requested_by, parameters) on job_runs to spgov_serve;
grant update (cancelled_by) on job_runs to spgov_serve;
