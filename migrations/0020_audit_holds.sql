-- Legal holds: a month that one in force reaches into is not dropped by retention.
create table audit_holds (
  id          uuid        primary key,
  reason      text        not null,
  since       timestamptz,
  until       timestamptz,
  placed_by   text        not null,
  placed_at   timestamptz not null default clock_timestamp(),
  released_by text,
  released_at timestamptz,
  check (since < until)
);
grant select on audit_holds to spgov_serve;
