-- The role that opens secrets: the isolate that holds the master key takes it, nobody else.
do $$
begin
  begin
    create role spgov_vault nologin;
  exception when duplicate_object or unique_violation then null;
  end;
  begin
    grant spgov_vault to current_user;
  exception when insufficient_privilege or invalid_grant_operation then null;
  end;
end $$;
grant usage on schema public to spgov_vault;

-- Data keys by version; what is sealed under a version can be opened while its row stands.
create table vault_keys (
  version    integer     primary key check (version > 0),
  created_at timestamptz not null default clock_timestamp()
);

-- A data key, sealed under a master key. Two rows of a version: the master key is being replaced.
create table vault_key_wraps (
  version integer not null references vault_keys (version) on delete cascade,
  -- names the master key, tells nothing of it
  master  text    not null,
  nonce   bytea   not null check (octet_length(nonce) = 12),
  wrapped bytea   not null,
  primary key (version, master)
);

create table secrets (
  id           uuid        primary key,
  owner_kind   text        not null check (owner_kind in ('global', 'department', 'user')),
  -- user id or department; empty for global
  owner_id     text        not null check ((owner_id = '') = (owner_kind = 'global')),
  name         text        not null,
  -- the servers that may get it, sorted
  servers      text[]      not null,
  expires_at   timestamptz,
  created_at   timestamptz not null,
  -- when its value last changed
  rotated_at   timestamptz not null,
  last_used_at timestamptz,
  -- a version in use cannot be removed
  key_version  integer     not null references vault_keys (version),
  nonce        bytea       not null check (octet_length(nonce) = 12),
  sealed       bytea       not null,
  unique (owner_kind, owner_id, name)
);
create index secrets_name_idx on secrets (name);
create index secrets_key_version_idx on secrets (key_version);

-- Whoever handed a value to a process listens: payload is the secret's name.
create function announce_secret() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_secrets', coalesce(new.name, old.name));
  return null;
end $$;
create trigger secrets_changed after insert or delete or update of servers, expires_at, rotated_at on secrets
  for each row execute function announce_secret();

grant select on vault_keys, vault_key_wraps, secrets to spgov_vault;
grant update (last_used_at) on secrets to spgov_vault;

-- The reader sees what there is, never what it holds.
revoke select on vault_key_wraps, secrets from spgov_read;
grant select (id, owner_kind, owner_id, name, servers, expires_at, created_at, rotated_at, last_used_at, key_version)
  on secrets to spgov_read;
