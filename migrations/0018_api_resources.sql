create index users_service_accounts_idx on users (id) where kind = 'service';
create index api_keys_user_id_idx on api_keys (user_id, id);

-- What the API changes, the isolate does that verifies tokens; gateways need not be able to.
revoke update, insert on jobs, job_runs from spgov_serve;
revoke update (enabled) on jobs from spgov_serve;
revoke insert (id, job, requested_by, parameters), update (cancelled_by) on job_runs from spgov_serve;
grant select on jobs, job_runs, job_nodes to spgov_vault;
grant update (enabled) on jobs to spgov_vault;
grant insert (id, job, requested_by, parameters), update (cancelled_by) on job_runs to spgov_vault;
grant select, insert, update, delete on log_levels to spgov_vault;
