-- A role that may read what the operator may look at, and nothing else: `spgov infra db query` runs as it.
do $$
begin
  begin
    create role spgov_read nologin;
  exception when duplicate_object or unique_violation then null;
  end;
  begin
    grant spgov_read to current_user;
  exception when insufficient_privilege or invalid_grant_operation then null;
  end;
end $$;
grant usage on schema public to spgov_read;
grant select on all tables in schema public to spgov_read;
alter default privileges in schema public grant select on tables to spgov_read;
