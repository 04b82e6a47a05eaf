import assert from "node:assert/strict";
import { forgetOverGrants, forgetUnusedClients } from "../../src/oauth/mod.ts";
import { openPool } from "../../src/db/mod.ts";
import { withDatabase } from "../support/mod.ts";

const OVER = "now() - interval '2 days'";
const LATER = "now() + interval '1 hour'";

/** One row that is over and one that is not, in every table that holds what ends. */
const ROWS: Readonly<Record<string, (ends: string, n: number) => string>> = {
  oauth_interactions: (ends, n) =>
    `(id_hash, kind, client_id, client_name, client_kind, issuer, resource, server, scopes, ask_consent,
      silent, expires_at) values ('\\x0${n}', 'code', 'c', 'c', 'registered', 'i', 'r', 's', '{}', false,
      false, ${ends})`,
  oauth_codes: (ends, n) =>
    `(code_hash, client_id, issuer, redirect_uri, code_challenge, resource, scopes, user_id,
      browser_session, auth_time, expires_at)
     values ('\\x0${n}', 'c', 'i', 'u', 'h', 'r', '{}', 'ada', 'sess', now(), ${ends})`,
  oauth_spent_codes: (ends, n) =>
    `(code_hash, session_id, expires_at) values ('\\x0${n}', 'sess', ${ends})`,
  oauth_refresh_tokens: (ends, n) =>
    `(token_hash, session_id, client_id, issuer, resource, scopes, auth_time, expires_at)
     values ('\\x0${n}', 'sess', 'c', 'i', 'r', '{}', now(), ${ends})`,
  oauth_device_codes: (ends, n) =>
    `(device_hash, user_code, client_id, client_name, client_kind, issuer, resource, server, scopes, expires_at)
     values ('\\x0${n}', 'CODE${n}', 'c', 'c', 'registered', 'i', 'r', 's', '{}', ${ends})`,
  oauth_revoked_tokens: (ends, n) =>
    `(token_id, session_id, expires_at) values ('t${n}', 'sess', ${ends})`,
  oauth_assertions: (ends, n) =>
    `(client_id, assertion, expires_at) values ('c', 'a${n}', ${ends})`,
};

Deno.test("what is over is forgotten, what is not stays; unused clients go, others stay", async () => {
  await withDatabase(async (database) => {
    const sql = openPool(database.owner, { max: 1, applicationName: "test" });
    try {
      await sql.unsafe(
        `insert into users (id, email, name, roles) values ('ada', 'a@x', 'ada', '{user}')`,
      );
      await sql.unsafe(
        `insert into sessions (id, user_id, client_id, audience, role, token_id, expires_at)
        values ('sess', 'ada', 'used', 'mcp', 'user', 'oauth', now() + interval '1 hour')`,
      );
      for (const [table, row] of Object.entries(ROWS)) {
        await sql.unsafe(`insert into ${table} ${row(OVER, 1)}`);
        await sql.unsafe(`insert into ${table} ${row(LATER, 2)}`);
      }
      for (
        const [id, kind, age] of [["used", "dynamic", 3], ["unused", "dynamic", 3], [
          "new",
          "dynamic",
          0,
        ], ["entered", "registered", 3]]
      ) {
        await sql.unsafe(
          `insert into oauth_clients (id, kind, name, redirect_uris, grant_types, auth_method, created_at)
          values ('${id}', '${kind}', 'x', '{}', '{}', 'none', now() - interval '${age} days')`,
        );
      }
      await forgetOverGrants(sql);
      for (const table of Object.keys(ROWS)) {
        const rows = await sql.unsafe(`select expires_at > now() as later from ${table}`);
        assert.deepEqual(rows.map(({ later }) => later), [true], table);
      }
      await forgetUnusedClients(sql);
      const left = await sql`select id from oauth_clients order by id`;
      assert.deepEqual(left.map(({ id }) => id), ["entered", "new", "used"]);
    } finally {
      await sql.end();
    }
  });
});
