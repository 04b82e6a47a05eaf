-- Who somebody at a browser is, and what they agree to, is settled in egress, by what the browser itself shows. What
-- serves requests may look at it, end it and take it back; it can begin neither a session nor a grant.
grant select, insert, update (seen_at), delete on browser_sessions to spgov_vault;
grant select, insert, update, delete on passwords, sign_in_attempts to spgov_vault;
grant select, delete on sign_in_links to spgov_vault;
grant select, insert, update (counter, synced, last_used_at), delete on passkeys to spgov_vault;
grant select, insert, delete on passkey_challenges to spgov_vault;
grant select, delete on oauth_interactions to spgov_vault;
grant insert on oauth_codes to spgov_vault;
grant insert, update on oauth_consents to spgov_vault;

revoke insert on sessions, browser_sessions, passwords, sign_in_attempts, passkeys, passkey_challenges, oauth_codes,
  oauth_consents from spgov_serve;
revoke update, delete on passwords, sign_in_attempts from spgov_serve;
revoke select on passwords, sign_in_attempts, sign_in_links, passkey_challenges from spgov_serve;
revoke delete on browser_sessions, sign_in_links, passkeys, passkey_challenges from spgov_serve;
revoke update (counter, synced, last_used_at) on passkeys from spgov_serve;
revoke update (state, scopes, user_id, browser_session, auth_time) on oauth_device_codes from spgov_serve;
revoke update on oauth_consents from spgov_serve;
grant select (user_id, set_at) on passwords to spgov_serve;

-- A session that ended stays so, whoever writes.
create function keep_session_ended() returns trigger language plpgsql as $$
begin
  raise exception 'A session that ended cannot be opened again' using errcode = '42501';
end $$;

create trigger sessions_stay_ended before update of revoked_at on sessions
  for each row when (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at)
  execute function keep_session_ended();
