import assert from "node:assert/strict";
import {
  countUsers,
  createDepartment,
  createUser,
  deleteUser,
  getUser,
  listUsers,
  updateUser,
} from "../../src/identity/mod.ts";
import {
  csvLine,
  decodeFile,
  type ImportOptions,
  importPeople,
} from "../../src/identity/people_file/mod.ts";
import { AppError } from "../../src/kernel/errors.ts";
import { ADMIN, rejectsWith, withWorld, type World } from "./identity_world.ts";

const CSV: ImportOptions = { format: "csv", existing: "refuse", dryRun: false };
const HEAD = "email,name,full_name,roles,department\r\n";

/** The problems that an import was refused with, as `place: problem`. */
async function problemsOf({ context }: World, text: string, more = {}): Promise<string[]> {
  try {
    await importPeople(context, ADMIN, text, { ...CSV, ...more });
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, "invalid");
    const problems = error.details.problems as { place: number; problem: string }[] | undefined;
    return problems?.map(({ place, problem }) => `${place}: ${problem}`) ?? [error.message];
  }
  return [];
}

Deno.test("a file of people becomes users, each with its row and nothing personal in it", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    await createDepartment(context, ADMIN, { name: "finance" });
    await events();
    const text = `\ufeff${HEAD}` +
      'ada@example.com,Ada,"Lovelace, Ada",user service,finance\r\n' +
      'bob@example.com,"Bob ""B"" Ö","two; cells",,\r\n\r\n';
    const done = await importPeople(context, ADMIN, text.replace("\ufeff", ""), CSV);
    assert.deepEqual(done, { created: 2, updated: 0, skipped: 0 });
    const ada = await getUser(sql, "ada@example.com");
    assert.deepEqual([ada.roles, ada.department, ada.fullName, ada.kind], [
      ["user", "service"],
      "finance",
      "Lovelace, Ada",
      "person",
    ]);
    assert.deepEqual(await events(), Array(2).fill("identity:user_created"));
    const [rows] = await sql`select string_agg(a::text, '') as text from audit a`;
    assert.doesNotMatch(String(rows?.text), /ada@|Lovelace/);
  });
});

Deno.test("one bad line and nothing is done; every problem is told with its line", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    await createUser(context, ADMIN, { name: "old", email: "old@example.com" });
    await events();
    const lines = [
      "good@example.com,Good,,,",
      "no-email,Name,,,",
      "a@example.com,,,,",
      "b@example.com,B,,king,",
      "c@example.com,C,,,nowhere",
      "GOOD@example.com,Twice,,,",
      "OLD@example.com,Old,,,",
      '=cmd()@example.com,"=HYPERLINK(""http://x"")",,,',
      "d@example.com,@SUM(A1),,,",
      "e@example.com,-2+3,,,",
      "f@example.com,\tTab,,,",
      "g@example.com,E\u202evil,,,",
    ];
    const problems = await problemsOf(world, HEAD + lines.join("\r\n"));
    const places = problems.map((problem) => Number(problem.split(":")[0]));
    assert.deepEqual(places, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    assert.match(problems.join("\n"), /begins like a formula/);
    assert.match(problems.join("\n"), /7: The email GOOD@example.com stands at 2 already/);
    assert.equal(await countUsers(sql, {}), 1);
    assert.deepEqual(await events(), []);
  });
});

Deno.test("what is no CSV of people is refused before anything: columns, quotes, long lines, empty", async () => {
  await withWorld(async (world) => {
    const bad = {
      "": /empty/,
      "email\nx@example.com\n": /"name" is missing/,
      "email,name,emial\n": /no column "emial"/,
      "email,name,__proto__\na@x.com,b,c\n": /no column "__proto__"/,
      "email,name,name\n": /there twice/,
      'email,name\na@example.com,"open\n': /Quote Not Closed/,
      "email,name\na@example.com,b,c\n": /Invalid Record Length/,
    };
    for (const [text, message] of Object.entries(bad)) {
      assert.match((await problemsOf(world, text)).join(), message, text);
    }
    const long = `email,name\na@example.com,"${"x".repeat(70_000)}"\n`;
    assert.match((await problemsOf(world, long)).join(), /[Mm]ax/);
    assert.equal(await countUsers(world.sql, {}), 0);
  });
});

Deno.test("a dry run tells what would be done and does nothing; existing users are skipped or changed", async () => {
  await withWorld(async (world) => {
    const { sql, context, events } = world;
    const ada = await createUser(context, ADMIN, { name: "ada", email: "ada@example.com" });
    await updateUser(context, ADMIN, ada.id, { fullName: "Ada L", roles: ["service"] });
    await events();
    const text = `${HEAD}ada@example.com,Ada,,,\r\nnew@example.com,New,,,\r\n`;
    const run = (more: Partial<ImportOptions>) =>
      importPeople(context, ADMIN, text, { ...CSV, ...more });
    assert.deepEqual(await problemsOf(world, text), ["2: A user has the email ada@example.com"]);
    assert.deepEqual(await run({ existing: "skip", dryRun: true }), {
      created: 1,
      updated: 0,
      skipped: 1,
    });
    assert.deepEqual(await events(), []);
    assert.equal(await countUsers(sql, {}), 1);
    assert.deepEqual(await run({ existing: "update" }), { created: 1, updated: 1, skipped: 0 });
    assert.deepEqual(await events(), ["identity:user_created", "identity:user_updated"]);
    const after = await getUser(sql, ada.id);
    assert.deepEqual([after.name, after.fullName, after.roles], ["Ada", "Ada L", ["service"]]);
    assert.deepEqual(await run({ existing: "skip" }), { created: 0, updated: 0, skipped: 2 });
    await deleteUser(context, ADMIN, ada.id);
    assert.deepEqual(await run({ existing: "skip" }), { created: 1, updated: 0, skipped: 1 });
  });
});

Deno.test("a file raises nobody above whoever brings it", async () => {
  await withWorld(async ({ sql, context }) => {
    const boss = await createUser(context, ADMIN, {
      ...{ name: "boss", email: "boss@example.com", roles: ["admin"] },
    });
    const asUser = { ...ADMIN, role: "user" } as const;
    const raise = `${HEAD}eve@example.com,Eve,,admin,\r\n`;
    await rejectsWith(importPeople(context, asUser, raise, CSV), "denied");
    const lower = `${HEAD}boss@example.com,Boss,,user,\r\n`;
    const update = { ...CSV, existing: "update" } as const;
    await rejectsWith(importPeople(context, asUser, lower, update), "denied");
    await rejectsWith(importPeople(context, ADMIN, lower, update), "conflict");
    assert.deepEqual((await getUser(sql, boss.id)).roles, ["admin"], "the last administrator");
    assert.equal(await countUsers(sql, {}), 1);
  });
});

Deno.test("two imports of one file at once: one of them, whole", async () => {
  await withWorld(async ({ sql, context }) => {
    const lines = Array.from({ length: 500 }, (_, i) => `u${i}@example.com,u${i},,,\r\n`);
    const text = HEAD + lines.join("");
    const both = await Promise.allSettled([
      importPeople(context, ADMIN, text, CSV),
      importPeople(context, ADMIN, text, CSV),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal(await countUsers(sql, {}), 500);
  });
});

Deno.test("JSON: a list, an export, its envelope; each entry is checked like a line", async () => {
  await withWorld(async (world) => {
    const { sql, context } = world;
    const JSON_FILE = { ...CSV, format: "json" } as const;
    const ada = { email: "ada@example.com", name: "Ada", roles: ["user"], full_name: null };
    await importPeople(context, ADMIN, JSON.stringify([ada]), JSON_FILE);
    const bob = { ...ada, email: "bob@example.com", id: "x", kind: "person", created_at: "2026" };
    const envelope = { kind: "users.export", data: { users: [bob], total: 1 } };
    await importPeople(context, ADMIN, JSON.stringify(envelope), JSON_FILE);
    assert.equal(await countUsers(sql, {}), 2);
    const bad = [
      { email: "c@example.com" },
      { ...ada, email: 7 },
      { ...ada, email: "d@example.com", admin: true },
      { ...ada, email: "e@example.com", kind: "service" },
    ];
    const problems = await problemsOf(world, JSON.stringify(bad), { format: "json" });
    assert.deepEqual(problems.map((each) => each.split(":")[0]), ["1", "2", "3", "4"]);
    for (const text of ["", "{}", "[1]", '"x"', "[", "null"]) {
      assert.match((await problemsOf(world, text, { format: "json" })).join(), /JSON list/, text);
    }
    assert.equal(await countUsers(sql, {}), 2);
  });
});

Deno.test("what an export writes an import reads, formulas and apostrophes included", async () => {
  await withWorld(async ({ sql, context }) => {
    const names = ["=1+1", "@x", "-dash", "+49", "'quoted", "'=both", 'a "b", c', "Zoë; x", "'"];
    for (const [i, name] of names.entries()) {
      await createUser(context, ADMIN, { name, email: `n${i}@example.com` });
    }
    const users = await listUsers(sql, {}, { limit: 100, offset: 0 });
    const lines = users.map(({ email, name }) => csvLine([`x${email}`, name]));
    assert.ok(lines.every((line) => !/(^|,)"?[=+\-@\t\r]/.test(line)), lines.join(""));
    await importPeople(context, ADMIN, csvLine(["email", "name"]) + lines.join(""), CSV);
    for (const [i, name] of names.entries()) {
      assert.equal((await getUser(sql, `xn${i}@example.com`)).name, name);
    }
  });
});

Deno.test("other encodings are named, and the line that is none", () => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(
      () => decodeFile(bytes),
      (error) =>
        error instanceof AppError && error.code === "invalid" && message.test(error.message),
    );
  const wide = (text: string, big = false) =>
    Uint8Array.from([...text].flatMap((c) => big ? [0, c.charCodeAt(0)] : [c.charCodeAt(0), 0]));
  refused(Uint8Array.from([0xff, 0xfe, ...wide("email")]), /UTF-16/);
  refused(Uint8Array.from([0xfe, 0xff, ...wide("email", true)]), /UTF-16/);
  refused(wide("email,name"), /UTF-16/);
  refused(Uint8Array.from([0xff, 0xfe, 0, 0, 0x65, 0, 0, 0]), /UTF-32/);
  const latin = new TextEncoder().encode("email,name\na@x.com,A\nb@x.com,Zo_\n");
  latin[latin.lastIndexOf(0x5f)] = 0xeb;
  refused(latin, /line 3/);
  assert.equal(decodeFile(new TextEncoder().encode("\ufeffemail,Ö")), "email,Ö");
});
