create table users (
  id           text        primary key,
  email        text        not null,
  name         text        not null,
  full_name    text,
  display_name text,
  status       text        not null default 'active' check (status in ('active', 'inactive', 'suspended', 'pending', 'deleted')),
  -- tiers that the user may take, see services/governance/roles.yaml
  roles        text[]      not null,
  department   text,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);
create unique index users_email_idx on users (lower(email)) where status <> 'deleted';

create table sessions (
  id         text        primary key,
  user_id    text        not null references users (id),
  client_id  text        not null,
  audience   text        not null check (audience in ('hook', 'api', 'mcp')),
  role       text        not null check (role in ('admin', 'user', 'service', 'a2a', 'mcp', 'anonymous')),
  -- the agent that the token is bound to
  agent      text,
  -- the one token that is good for this session (its jti)
  token_id   text        not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index sessions_user_idx on sessions (user_id, created_at);
create index sessions_expiry_idx on sessions (expires_at);

create table bans (
  subject_kind text        not null check (subject_kind in ('user', 'address')),
  subject      text        not null,
  reason       text        not null,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz,
  primary key (subject_kind, subject)
);

-- Whoever holds verified tokens in memory listens: payload `session:<id>`, `user:<id>` or `address:<ip>`.
create function announce_revocation() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'sessions' then
    perform pg_notify('spgov_revocations', 'session:' || new.id);
  elsif tg_table_name = 'users' then
    perform pg_notify('spgov_revocations', 'user:' || new.id);
  else
    perform pg_notify('spgov_revocations', new.subject_kind || ':' || new.subject);
  end if;
  return null;
end $$;

create trigger sessions_changed after update on sessions
  for each row execute function announce_revocation();
create trigger users_changed after update on users
  for each row execute function announce_revocation();
create trigger bans_changed after insert or update on bans
  for each row execute function announce_revocation();

grant select on users, bans to spgov_serve;
grant select, insert, update (revoked_at) on sessions to spgov_serve;
