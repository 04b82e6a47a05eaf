import assert from "node:assert/strict";
import { AppError } from "./errors.ts";
import { describeAddress, parseDatabaseUrl } from "./database_address.ts";

const PLAIN = { host: "db.example.org", port: 5432, database: "spgov", user: "me" };

Deno.test.each(
  [
    ["postgres://me@db.example.org/spgov", { ...PLAIN, tls: { mode: "prefer" } }],
    ["postgresql://me:p%40ss%2F@db.example.org:6432/spgov?sslmode=disable", {
      ...PLAIN,
      port: 6432,
      password: "p@ss/",
      tls: { mode: "disable" },
    }],
    ["postgres://me@db.example.org/spgov?sslmode=verify-full&role=spgov_serve", {
      ...PLAIN,
      tls: { mode: "verify-full" },
      role: "spgov_serve",
    }],
    ["postgres://me@[::1]:5433/my%20db", {
      host: "::1",
      port: 5433,
      database: "my db",
      user: "me",
      tls: { mode: "prefer" },
    }],
    ["postgres://me@localhost/spgov?host=/var/run/postgresql", {
      ...PLAIN,
      host: "/var/run/postgresql",
    }],
  ] as const,
)("%s is read as %j", (url, expected) => {
  assert.deepEqual(parseDatabaseUrl(url), expected);
});

Deno.test.each(
  [
    ["mysql://me:hunter2@h/d", /scheme is "mysql:"/],
    ["postgres://me:hunter2@h/", /names no database/],
    ["postgres://h/d", /names no user/],
    ["postgres://me:hunter2@h:5432:5433/d", /is no URL/],
    ["postgres://me:hunter2@h/d?sslmode=maybe", /sslmode "maybe" is none of/],
    ["postgres://me:hunter2@h/d?slmode=require", /unknown parameter "slmode"/],
    ["postgres://me:hunter2@h/d?sslrootcert=/nowhere/ca.pem", /"\/nowhere\/ca.pem" cannot be read/],
    ["postgres://me:hun%ter2@h/d", /percent/],
    ["", /is no URL/],
  ] as const,
)("%s is refused: %s", (url, reason) => {
  assert.throws(() => parseDatabaseUrl(url), (error: unknown) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "invalid");
    assert.match(error.message, reason);
    assert.ok(!Deno.inspect(error).includes("hun"), "the password is not shown");
    return true;
  });
});

Deno.test("an address is described without its password", () => {
  const text = describeAddress({ ...PLAIN, password: "hunter2" });
  assert.equal(text, 'database "spgov" at db.example.org:5432 as "me"');
  assert.equal(
    describeAddress({ ...PLAIN, host: "/run/pg", password: "hunter2" }),
    'database "spgov" at socket /run/pg as "me"',
  );
});
