-- The end of a ban is announced too: what holds the bans in memory reads them again.
create function announce_lifted_ban() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_revocations', old.subject_kind || ':' || old.subject);
  return null;
end $$;

create trigger bans_lifted after delete on bans
  for each row execute function announce_lifted_ban();
