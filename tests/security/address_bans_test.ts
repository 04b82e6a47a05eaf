import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import {
  addBan,
  type AddressBanOptions,
  AddressBans,
  listenForRevocations,
  removeBan,
} from "../../src/identity/mod.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { ADMIN, withWorld, type World } from "../store/identity_world.ts";
import { editProfile, faultTest } from "../support/fault_service.ts";
import { startService, type TestService } from "../support/service.ts";
import { openLink } from "./frozen_link.ts";

/** Milliseconds in which a ban has to count everywhere. */
const EVERYWHERE_MS = 1000;

interface Bench extends World {
  readonly serve: Pool;
  ban(subject: string, ms?: number): Promise<unknown>;
  make(more?: Partial<AddressBanOptions>): AddressBans;
}

async function withBench(body: (bench: Bench) => Promise<void>): Promise<void> {
  await withWorld(async (world) => {
    const serve = openPool(world.database.serve, { max: 2, applicationName: "test" });
    try {
      await body({
        ...world,
        serve,
        ban: (subject, ms) =>
          addBan(world.context, ADMIN, {
            kind: "address",
            subject,
            reason: "test",
            ...ms !== undefined && { expiresAt: new Date(Date.now() + ms) },
          }),
        make: (more) => new AddressBans({ sql: serve, clock: systemClock, ...more }),
      });
    } finally {
      await serve.end({ timeout: 2 });
    }
  });
}

async function within(wanted: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + EVERYWHERE_MS;
  while (!await wanted()) {
    if (performance.now() > end) assert.fail(`${what} did not happen within a second`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("a banned address or network is known, and nobody else", async () => {
  await withBench(async ({ ban, make }) => {
    await ban("192.0.2.7");
    await ban("10.0.0.0/8");
    await ban("2001:db8::/32");
    const bans = make();
    for (const banned of ["192.0.2.7", "10.200.1.1", "2001:db8:1::1"]) {
      assert.equal(await bans.ask(banned), true, banned);
    }
    for (const free of ["192.0.2.8", "11.0.0.1", "2001:db9::1", "::1", "unknown", ""]) {
      assert.equal(await bans.ask(free), false, free);
    }
  });
});

Deno.test("a ban ends by itself, and with nobody asking the database again", async () => {
  await withBench(async ({ ban, serve, sql }) => {
    await ban("192.0.2.7", 60_000);
    await ban("192.0.2.0/24", 30_000);
    let steady = 0;
    const clock = { now: () => 0, monotonic: () => steady };
    const bans = new AddressBans({ sql: serve, clock });
    bans.listening();
    assert.equal(await bans.ask("192.0.2.7"), true);
    await sql`truncate bans`;
    steady = 31_000;
    assert.equal(bans.cached("192.0.2.8"), false);
    assert.equal(bans.cached("192.0.2.7"), true);
    steady = 61_000;
    assert.equal(bans.cached("192.0.2.7"), false);
  });
});

Deno.test("a ban and its removal are heard everywhere within a second", async () => {
  await withBench(async ({ ban, make, context, database }) => {
    const keepers = [make(), make()];
    const listeners = keepers.map((keeper, i) =>
      listenForRevocations(database.serve, keeper, `test ${i}`)
    );
    try {
      await Promise.all(listeners.map(({ ready }) => ready));
      const all = async (wanted: boolean) =>
        (await Promise.all(keepers.map((keeper) => keeper.ask("10.1.1.1"))))
          .every((banned) => banned === wanted);
      assert.ok(await all(false));
      await ban("10.0.0.0/8");
      await within(() => all(true), "the ban");
      await removeBan(context, ADMIN, { kind: "address", subject: "10.9.9.9/8" });
      await within(() => all(false), "the end of the ban");
    } finally {
      for (const listener of listeners) await listener.stop();
    }
  });
});

Deno.test("a ban counts within a second when nothing can be heard", async () => {
  await withBench(async ({ ban, make, database }) => {
    const link = openLink(database.serve);
    const bans = make();
    const listener = listenForRevocations(link.address, bans, "test");
    try {
      await listener.ready;
      assert.equal(await bans.ask("192.0.2.7"), false);
      link.freeze();
      await ban("192.0.2.7");
      await within(() => bans.ask("192.0.2.7"), "the ban");
    } finally {
      await listener.stop();
      await link.close();
    }
  });
});

Deno.test("bans that cannot be read are unknown, never none", async () => {
  await withBench(async ({ make, database }) => {
    const nowhere = openPool({ ...database.serve, port: 1, host: "127.0.0.1" }, {
      max: 1,
      applicationName: "test",
      connectTimeoutSeconds: 1,
    });
    const bans = make({ sql: nowhere, deadlineMs: 200 });
    try {
      assert.equal(bans.cached("192.0.2.7"), undefined);
      await assert.rejects(bans.ask("192.0.2.7"));
      assert.equal(bans.cached("192.0.2.7"), undefined);
    } finally {
      await nowhere.end({ timeout: 0 });
    }
  });
});

const CALL = { hook_event_name: "PreToolUse", tool_name: "Read", tool_input: { file_path: "/a" } };

/** Calls over a connection of its own: the kernel chooses a gateway for each. */
async function callFrom(
  service: TestService,
  token: string | undefined,
  address: string,
): Promise<Headers> {
  const headers = { "x-forwarded-for": address, connection: "close" };
  return (await service.govern(token, CALL, headers)).headers;
}

faultTest("a banned address is refused by every gateway, whoever's token it has", async () => {
  const service = await startService({
    gateways: 2,
    prepare: (home) =>
      editProfile(home, (text) => text.replace("gateways: 2", "$&, trusted_proxies: [127.0.0.1]")),
  });
  const sql = openPool(service.database, { max: 1, applicationName: "test" });
  try {
    const token = await service.token();
    const policyFrom = async (address: string) =>
      (await callFrom(service, token, address)).get("policy");
    const holds = async (policy: string) => {
      for (let i = 0; i < 20; i++) if (await policyFrom("10.1.1.1") !== policy) return false;
      return true;
    };
    assert.ok(await holds("default_allow"));
    const reason = ["--reason", "test"];
    const added = await service.cli("admin", "ban", "add", "--address", "10.0.0.0/8", ...reason);
    assert.equal(added.code, 0, added.stderr);
    await within(async () => await policyFrom("10.1.1.1") === "auth_failure", "the ban");
    assert.ok(await holds("auth_failure"));
    assert.equal(await policyFrom("11.1.1.1"), "default_allow");
    assert.equal((await callFrom(service, undefined, "10.1.1.1")).get("policy"), "auth_failure");
    const rows = await sql`
      select user_id, decision, detail->>'rule' as rule, detail->>'reason' as reason,
             detail->'context'->>'client_address' as address
        from audit where policy = 'auth_failure'`;
    assert.ok(rows.every(({ rule }) => rule === "banned"));
    assert.ok(rows.every(({ address }) => address === "10.1.1.1"));
    assert.deepEqual(new Set(rows.map(({ userId }) => userId)), new Set(["operator", "anonymous"]));
    const writers = await sql`
      select distinct b.writer from audit a join audit_batches b on a.id = any(b.row_ids)
       where a.policy = 'auth_failure'`;
    assert.equal(writers.length, 2, "both gateways refused");
    await service.cli("admin", "ban", "remove", "--address", "10.0.0.0/8");
    await within(async () => await policyFrom("10.1.1.1") === "default_allow", "its end");
    assert.ok(await holds("default_allow"));
  } finally {
    await sql.end({ timeout: 1 });
    await service.stop();
  }
});
