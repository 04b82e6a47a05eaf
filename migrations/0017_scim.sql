-- What a directory says of users and groups beyond what they are here (SCIM).
create table scim_users (
  user_id     text        primary key references users (id),
  -- as the directory calls the user
  user_name   text        not null,
  external_id text,
  given_name  text,
  family_name text
);
create unique index scim_users_name_idx on scim_users (lower(user_name));
create index scim_users_external_idx on scim_users (external_id) where external_id is not null;

-- The groups that a directory looks after: it changes no other.
create table scim_groups (
  group_id    text        primary key references groups (id) on delete cascade,
  external_id text
);
create index scim_groups_external_idx on scim_groups (external_id) where external_id is not null;

-- What a deleted user was known as elsewhere is forgotten: another may come with it.
create function forget_elsewhere() returns trigger language plpgsql
  security definer set search_path = public, pg_temp as $$
begin
  delete from scim_users where user_id = new.id;
  delete from federated_accounts where user_id = new.id;
  delete from federated_sign_ins where user_id = new.id;
  return null;
end $$;
create trigger users_forgotten after update of status on users
  for each row when (new.status = 'deleted' and old.status <> 'deleted')
  execute function forget_elsewhere();

grant select, insert, update, delete on scim_users, scim_groups to spgov_vault;
revoke select on scim_users from spgov_read;
