-- Calls by the hour: what a user, an agent or a tool usually does. Made from the audit, and can be made again.
create table call_hours (
  subject_kind      text        not null check (subject_kind in ('user', 'agent', 'tool')),
  subject           text        not null,
  hour              timestamptz not null,
  calls             bigint      not null,
  denied            bigint      not null,
  failed            bigint      not null,
  cost_microdollars bigint      not null,
  primary key (subject_kind, subject, hour)
);
create index call_hours_hour_idx on call_hours (hour);

-- Up to when hours were counted. One row.
create table call_hours_progress (
  one      boolean     primary key default true check (one),
  counted  timestamptz not null
);

-- Hours that were unlike those before them.
create table anomalies (
  id           uuid             primary key,
  subject_kind text             not null,
  subject      text             not null,
  hour         timestamptz      not null,
  measure      text             not null check (measure in ('calls', 'denied', 'failed', 'cost_microdollars')),
  severity     text             not null check (severity in ('warning', 'critical')),
  value        bigint           not null,
  baseline     double precision not null,
  samples      integer          not null,
  found_at     timestamptz      not null,
  changed_at   timestamptz      not null,
  unique (hour, subject_kind, subject, measure)
);

grant select on call_hours, call_hours_progress, anomalies to spgov_serve;
