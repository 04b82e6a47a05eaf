-- People at a browser. A browser session is a session like any other: what ends one ends it too.
alter table sessions drop constraint sessions_audience_check;
alter table sessions add constraint sessions_audience_check
  check (audience in ('hook', 'api', 'mcp', 'browser'));

create table browser_sessions (
  -- SHA-256 of what the cookie holds
  token_hash bytea       primary key,
  session_id text        not null unique references sessions (id),
  method     text        not null check (method in ('password', 'passkey', 'link')),
  address    text        not null,
  user_agent text        not null,
  seen_at    timestamptz not null default clock_timestamp()
);

create table passwords (
  user_id text        primary key references users (id),
  -- $scrypt$ln=…,r=…,p=…$salt$key
  hash    text        not null,
  set_at  timestamptz not null default clock_timestamp()
);

-- Attempts to sign in, by what they were about: `pair:…`, `login:…`, `address:…`. Never a name in clear.
create table sign_in_attempts (
  subject       text        primary key,
  attempts      int         not null,
  last_at       timestamptz not null,
  blocked_until timestamptz not null
);

create table sign_in_links (
  token_hash bytea       primary key,
  user_id    text        not null references users (id),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null
);
create index sign_in_links_user_idx on sign_in_links (user_id);

create table passkeys (
  -- base64url, as authenticators name it
  id           text        primary key,
  user_id      text        not null references users (id),
  name         text        not null,
  public_key   bytea       not null,
  counter      bigint      not null,
  transports   text[]      not null,
  -- the host that it was made for
  host         text        not null,
  -- whether it is kept by more than one device
  synced       boolean     not null,
  created_at   timestamptz not null default clock_timestamp(),
  last_used_at timestamptz
);
create index passkeys_user_idx on passkeys (user_id, created_at);

create table passkey_challenges (
  challenge  text        primary key,
  purpose    text        not null check (purpose in ('sign_in', 'register')),
  -- SHA-256 of the cookie of whoever may answer it
  holder     bytea       not null,
  expires_at timestamptz not null
);
create index passkey_challenges_expiry_idx on passkey_challenges (expires_at);

grant select, insert, update (seen_at), delete on browser_sessions to spgov_serve;
grant select, insert, update, delete on passwords, sign_in_attempts to spgov_serve;
grant select, delete on sign_in_links to spgov_serve;
grant select, insert, update (counter, synced, last_used_at), delete on passkeys to spgov_serve;
grant select, insert, delete on passkey_challenges to spgov_serve;
-- Hashes and challenges are nobody's reading.
revoke select on browser_sessions, passwords, sign_in_attempts, sign_in_links, passkey_challenges
  from spgov_read;
