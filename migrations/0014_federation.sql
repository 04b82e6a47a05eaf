-- People who sign in at an identity provider. Whose an account there is, is settled by issuer and subject alone.
alter table browser_sessions drop constraint browser_sessions_method_check;
alter table browser_sessions add constraint browser_sessions_method_check
  check (method in ('password', 'passkey', 'link', 'federation'));

-- Sign-ins under way: each is good for one answer, from the browser that began it.
create table federated_sign_ins (
  -- SHA-256 of the parameter that comes back
  state_hash   bytea       primary key,
  provider     text        not null,
  -- SHA-256 of the cookie of the browser that began it
  holder       bytea       not null,
  redirect_uri text        not null,
  nonce        text        not null,
  verifier     text        not null,
  -- whether the provider has to ask for a proof anew
  fresh        boolean     not null,
  -- whose account the provider's is to be connected to; null for signing in
  user_id      text        references users (id),
  -- where it leads, as the pages carry it
  destination  text        not null,
  created_at   timestamptz not null default clock_timestamp(),
  expires_at   timestamptz not null
);
create index federated_sign_ins_expiry_idx on federated_sign_ins (expires_at);

create table federated_accounts (
  issuer       text        not null,
  subject      text        not null,
  user_id      text        not null references users (id),
  -- the provider's name when it was connected
  provider     text        not null,
  -- as the provider last said; decides nothing
  email        text,
  linked_at    timestamptz not null default clock_timestamp(),
  last_used_at timestamptz,
  primary key (issuer, subject)
);
create index federated_accounts_user_idx on federated_accounts (user_id);

-- Only egress, which checks what providers sign, begins and ends them.
grant select, insert, delete on federated_sign_ins to spgov_vault;
grant select, insert, update (user_id, provider, email, linked_at, last_used_at), delete
  on federated_accounts to spgov_vault;
grant insert on users, personal_details to spgov_vault;
grant select, delete on federated_accounts to spgov_serve;
revoke select on federated_sign_ins from spgov_read;
