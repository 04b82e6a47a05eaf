-- How far the traces of each chain of the audit were sent: the number of the last batch that the collector took.
create table telemetry_cursors (
  writer text   primary key,
  batch  bigint not null
) with (fillfactor = 50);
grant select, insert, update on telemetry_cursors to spgov_logs;
