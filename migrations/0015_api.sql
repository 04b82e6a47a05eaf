-- What the API offers to filter by, in the order of its lists.
create index users_status_id_idx on users (status, id);
drop index users_department_idx;
create index users_department_id_idx on users (department, id) where department is not null;
create index users_name_prefix_idx on users (lower(name) text_pattern_ops);
create index users_admin_idx on users (id) where 'admin' = any(roles);
create index users_user_idx on users (id) where 'user' = any(roles);
create index users_service_idx on users (id) where 'service' = any(roles);
create index users_a2a_idx on users (id) where 'a2a' = any(roles);
create index users_mcp_idx on users (id) where 'mcp' = any(roles);
create index users_anonymous_idx on users (id) where 'anonymous' = any(roles);
create index sessions_user_id_idx on sessions (user_id, id);
create index sessions_audience_id_idx on sessions (audience, id);
create index sessions_client_id_idx on sessions (client_id, id);
create index sessions_open_idx on sessions (id) where revoked_at is null;
create index audit_user_idx on audit (user_id, id);
-- Only what is rare: an allowed call that nothing objected to stands in none of these.
create index audit_policy_idx on audit (policy, id) where policy not in ('default_allow', 'none');
create index audit_failed_idx on audit (decision, id) where decision not in ('allow', 'ok');
create index audit_event_idx on audit (kind, id) where kind in ('identity', 'admin', 'system');

-- Requests that were sent with an Idempotency-Key: the same one again is answered as it was.
create table api_requests (
  user_id      text        not null references users (id),
  -- SHA-256
  key_hash     bytea       not null,
  request_hash bytea       not null,
  route        text        not null,
  answer       jsonb,
  created_at   timestamptz not null default clock_timestamp(),
  expires_at   timestamptz not null,
  primary key (user_id, key_hash)
);
create index api_requests_expiry_idx on api_requests (expires_at);

-- The isolate that verifies tokens does what the API changes. It could sign a token of any administrator
-- already: gateways get nothing of this.
grant select, insert, update on users to spgov_vault;
grant insert, update, delete on departments, groups, group_members to spgov_vault;
grant insert on api_keys to spgov_vault;
grant select on session_uses to spgov_vault;
grant select (session_id, address, seen_at) on browser_sessions to spgov_vault;
grant select, insert on personal_details to spgov_vault;
grant select, insert, update, delete on bans to spgov_vault;
grant update (servers, expires_at, rotated_at, key_version, nonce, sealed), delete on secrets to spgov_vault;
-- for share locks
grant update (created_at) on vault_keys to spgov_vault;
grant select, update on mcp_tools to spgov_vault;
grant select, insert, update on api_requests to spgov_vault;

-- Answers hold what was created.
revoke select on api_requests from spgov_read;
