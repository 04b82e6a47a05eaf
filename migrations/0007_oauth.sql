-- The authorization server. Codes, tokens and secrets stand here as SHA-256 only.

-- ES256 keys. Only what the master key sealed signs or verifies: a row put here by anybody else is ignored.
create table oauth_keys (
  kid            text        primary key,
  public_jwk     jsonb       not null,
  nonce          bytea       not null,
  sealed         bytea       not null,
  created_at     timestamptz not null default clock_timestamp(),
  signs_from     timestamptz not null,
  -- null: the newest
  verifies_until timestamptz
);

create table oauth_clients (
  id                text        primary key,
  kind              text        not null check (kind in ('registered', 'dynamic')),
  name              text        not null,
  uri               text,
  redirect_uris     text[]      not null,
  grant_types       text[]      not null,
  auth_method       text        not null check (auth_method in
                      ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')),
  secret_hash       bytea,
  jwks              jsonb,
  -- what it may ask for; null: whatever servers have
  scopes            text[],
  -- the service account that it is without a person
  user_id           text        references users (id),
  -- whether it may ask about tokens of other clients: a resource server
  introspects       boolean     not null default false,
  registration_hash bytea,
  created_at        timestamptz not null default clock_timestamp(),
  updated_at        timestamptz not null default clock_timestamp()
);

-- A client as a person is shown it, kept with what the person is asked: it may change meanwhile.
create table oauth_interactions (
  id_hash        bytea       primary key,
  kind           text        not null check (kind in ('code', 'device')),
  client_id      text        not null,
  client_name    text        not null,
  client_kind    text        not null check (client_kind in ('registered', 'document', 'dynamic')),
  client_uri     text,
  issuer         text        not null,
  redirect_uri   text,
  state          text,
  nonce          text,
  code_challenge text,
  device_hash    bytea,
  user_code      text,
  resource       text        not null,
  server         text        not null,
  scopes         text[]      not null,
  -- whoever signed in before has to do it again
  sign_in_after  timestamptz,
  ask_consent    boolean     not null,
  -- prompt=none: an answer without showing anything
  silent         boolean     not null,
  created_at     timestamptz not null default clock_timestamp(),
  expires_at     timestamptz not null
);
create index oauth_interactions_expiry_idx on oauth_interactions (expires_at);

create table oauth_codes (
  code_hash       bytea       primary key,
  client_id       text        not null,
  issuer          text        not null,
  redirect_uri    text        not null,
  code_challenge  text        not null,
  nonce           text,
  resource        text        not null,
  scopes          text[]      not null,
  user_id         text        not null references users (id),
  browser_session text        not null references sessions (id),
  auth_time       timestamptz not null,
  expires_at      timestamptz not null
);
create index oauth_codes_expiry_idx on oauth_codes (expires_at);

-- What a code became: using it again ends that session.
create table oauth_spent_codes (
  code_hash  bytea       primary key,
  session_id text        not null references sessions (id),
  expires_at timestamptz not null
);
create index oauth_spent_codes_expiry_idx on oauth_spent_codes (expires_at);

-- A family is a session: its tokens, used ones too, until they expire.
create table oauth_refresh_tokens (
  token_hash bytea       primary key,
  session_id text        not null references sessions (id),
  client_id  text        not null,
  issuer     text        not null,
  resource   text        not null,
  scopes     text[]      not null,
  auth_time  timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at    timestamptz
);
create index oauth_refresh_tokens_session_idx on oauth_refresh_tokens (session_id);
create index oauth_refresh_tokens_expiry_idx on oauth_refresh_tokens (expires_at);

create table oauth_device_codes (
  device_hash     bytea       primary key,
  user_code       text        not null unique,
  client_id       text        not null,
  client_name     text        not null,
  client_kind     text        not null,
  client_uri      text,
  issuer          text        not null,
  resource        text        not null,
  server          text        not null,
  scopes          text[]      not null,
  state           text        not null default 'waiting' check (state in ('waiting', 'allowed', 'denied')),
  user_id         text        references users (id),
  browser_session text        references sessions (id),
  auth_time       timestamptz,
  interval_s      int         not null default 5,
  polled_at       timestamptz,
  expires_at      timestamptz not null
);
create index oauth_device_codes_expiry_idx on oauth_device_codes (expires_at);

create table oauth_consents (
  user_id    text        not null references users (id),
  client_id  text        not null,
  resource   text        not null,
  scopes     text[]      not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (user_id, client_id, resource)
);

-- Access tokens that were revoked one by one; whatever ends their session ends them anyway.
create table oauth_revoked_tokens (
  token_id   text        primary key,
  session_id text        not null references sessions (id),
  expires_at timestamptz not null
);
create index oauth_revoked_tokens_expiry_idx on oauth_revoked_tokens (expires_at);

-- Assertions by which clients proved who they are, so that none does twice.
create table oauth_assertions (
  client_id  text        not null,
  assertion  text        not null,
  expires_at timestamptz not null,
  primary key (client_id, assertion)
);
create index oauth_assertions_expiry_idx on oauth_assertions (expires_at);

create function announce_token_revocation() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_revocations', 'session:' || new.session_id);
  return null;
end $$;
create trigger oauth_revoked_tokens_added after insert on oauth_revoked_tokens
  for each row execute function announce_token_revocation();

create function announce_oauth_keys() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_revocations', 'keys');
  return null;
end $$;
create trigger oauth_keys_changed after insert or update or delete on oauth_keys
  for each statement execute function announce_oauth_keys();

-- Gateways ask people and write down what they answered. What grants give is egress' alone: it takes the
-- role that opens secrets.
grant select (id, kind, name, uri, redirect_uris, grant_types, auth_method, jwks, scopes, user_id, introspects,
  created_at, updated_at) on oauth_clients to spgov_serve;
grant select, insert, delete on oauth_interactions to spgov_serve;
grant insert on oauth_codes to spgov_serve;
grant select, update (state, scopes, user_id, browser_session, auth_time) on oauth_device_codes to spgov_serve;
grant select, insert, update, delete on oauth_consents to spgov_serve;
grant select on oauth_revoked_tokens to spgov_serve;

grant select, insert, update (verifies_until), delete on oauth_keys to spgov_vault;
grant select, insert, update, delete on oauth_clients, oauth_device_codes to spgov_vault;
grant select, delete on oauth_codes to spgov_vault;
grant select, insert on oauth_spent_codes, oauth_revoked_tokens, oauth_assertions to spgov_vault;
grant select, insert, update (used_at) on oauth_refresh_tokens to spgov_vault;
grant select on users, bans, oauth_consents to spgov_vault;
grant select, insert, update (revoked_at) on sessions to spgov_vault;
grant select, insert on audit, audit_batches, audit_other to spgov_vault;
grant select, insert, update on audit_head, limit_windows to spgov_vault;

-- Hashes, sealed keys and what is under way are nobody's reading.
revoke select on oauth_keys, oauth_interactions, oauth_codes, oauth_spent_codes, oauth_refresh_tokens,
  oauth_device_codes, oauth_assertions from spgov_read;
revoke select on oauth_clients from spgov_read;
grant select (id, kind, name, uri, redirect_uris, grant_types, auth_method, scopes, user_id, introspects,
  created_at, updated_at) on oauth_clients to spgov_read;
