-- People and machines. A service account is a user that nobody signs in as.
alter table users
  add column kind text not null default 'person' check (kind in ('person', 'service')),
  -- who answers for a service account
  add column owner_id text references users (id),
  add column description text not null default '',
  add column email_verified boolean not null default false,
  -- whom a deleted user was merged into
  add column merged_into text references users (id),
  add column anonymised_at timestamptz;
create index users_owner_idx on users (owner_id) where owner_id is not null;
create index users_department_idx on users (department) where department is not null;
create index users_created_idx on users (created_at, id);

-- A tree by name, since that is what rules, tokens, secrets and rows say. What narrows a department narrows those below it.
create table departments (
  name        text        primary key,
  parent      text        references departments (name) on update cascade,
  description text        not null default '',
  created_at  timestamptz not null default clock_timestamp(),
  updated_at  timestamptz not null default clock_timestamp(),
  check (parent <> name)
);
create index departments_parent_idx on departments (parent);
insert into departments (name) select distinct department from users where department is not null;
alter table users add constraint users_department_fkey
  foreign key (department) references departments (name) on update cascade;

create table groups (
  id          text        primary key,
  name        text        not null,
  description text        not null default '',
  created_at  timestamptz not null default clock_timestamp(),
  updated_at  timestamptz not null default clock_timestamp()
);
create unique index groups_name_idx on groups (lower(name));

create table group_members (
  group_id text        not null references groups (id) on delete cascade,
  user_id  text        not null references users (id),
  added_at timestamptz not null default clock_timestamp(),
  primary key (group_id, user_id)
);
create index group_members_user_idx on group_members (user_id);

-- From where a session was opened, and on which device.
alter table sessions drop constraint sessions_audience_check;
alter table sessions add constraint sessions_audience_check
  check (audience in ('hook', 'api', 'mcp', 'browser', 'key'));
alter table sessions
  add column address text,
  add column user_agent text,
  add column device text;
create index sessions_device_idx on sessions (device) where device is not null;

-- When and from where a session was used last: apart, since a change of a session voids what is known of its tokens.
create table session_uses (
  session_id text        primary key references sessions (id),
  used_at    timestamptz not null,
  address    text        not null
) with (fillfactor = 70);

-- A key is a session with a secret of its own: what ends the session ends the key. Role, agent, device and
-- expiry stand there.
create table api_keys (
  id         text        primary key,
  session_id text        not null unique references sessions (id),
  user_id    text        not null references users (id),
  name       text        not null,
  -- what may be shown of it
  prefix     text        not null unique,
  -- SHA-256 of the whole key
  hash       bytea       not null unique,
  audiences  text[]      not null check (audiences <> '{}' and audiences <@ array['hook', 'api', 'mcp']),
  -- permissions and scopes of MCP servers, as globs: never more than the role has
  scopes     text[]      not null check (scopes <> '{}'),
  created_by text        not null,
  created_at timestamptz not null
);
create index api_keys_user_idx on api_keys (user_id, created_at);

alter table bans drop constraint bans_subject_kind_check;
alter table bans add constraint bans_subject_kind_check
  check (subject_kind in ('user', 'address', 'device'));
alter table bans
  add column source text not null default 'cli',
  add column created_by text not null default 'operator',
  add column times int not null default 1;

-- What rows of the audit say about people beyond their ids stands here, and there only the hash of it with a salt:
-- it can be erased, and the chain still verifies.
create table personal_details (
  commitment bytea       primary key,
  user_id    text        not null,
  salt       bytea       not null,
  detail     jsonb       not null,
  created_at timestamptz not null default clock_timestamp()
);
create index personal_details_user_idx on personal_details (user_id);
create index personal_details_age_idx on personal_details (created_at);

-- All that can void a token of a session, and what its user is now.
create view session_standing as
select s.id as session_id, s.user_id, s.token_id, s.audience, s.role, s.expires_at, s.revoked_at,
       u.status, u.roles, u.department,
       -- from the user's department up to the top
       array(
         with recursive up (name, parent, depth) as (
           select name, parent, 1 from departments where name = u.department
           union all
           select d.name, d.parent, up.depth + 1 from departments d join up on d.name = up.parent
            where up.depth < 32
         ) select name from up order by depth
       ) as departments,
       array(
         select g.name from group_members m join groups g on g.id = m.group_id
          where m.user_id = u.id order by g.name
       ) as groups,
       exists (select 1 from bans b
                where (b.subject_kind = 'user' and b.subject = u.id
                       or b.subject_kind = 'device' and b.subject = s.device)
                  and (b.expires_at is null or b.expires_at > clock_timestamp())) as banned
  from sessions s join users u on u.id = s.user_id;

create function announce_department() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_revocations', 'department:' || old.name);
  return null;
end $$;
create trigger departments_changed after update or delete on departments
  for each row execute function announce_department();

create function announce_group() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_revocations', 'group:' || old.id);
  return null;
end $$;
create trigger groups_changed after update on groups
  for each row execute function announce_group();

create function announce_membership() returns trigger language plpgsql as $$
begin
  perform pg_notify('spgov_revocations', 'user:' || coalesce(new.user_id, old.user_id));
  return null;
end $$;
create trigger membership_changed after insert or delete on group_members
  for each row execute function announce_membership();

grant select on session_standing, departments, groups, group_members to spgov_serve, spgov_vault;
grant select on api_keys to spgov_serve, spgov_vault;
grant select, insert, update on session_uses to spgov_serve;
grant select, insert on personal_details to spgov_serve;
revoke select on api_keys from spgov_read;
grant select (id, session_id, user_id, name, prefix, audiences, scopes, created_by, created_at)
  on api_keys to spgov_read;
