import assert from "node:assert/strict";
import { openPool, type Pool } from "../../src/db/mod.ts";
import { createLog } from "../../src/kernel/log.ts";
import { listRefused, listSinks, openSink, Shipper, TableWriter } from "../../src/logs/mod.ts";
import { type LogSinkConfig, profileSchema } from "../../src/profile/mod.ts";
import { type HttpPeer, startHttpPeer, startSyslogPeer } from "../support/log_peers.ts";
import { type TestDatabase, withDatabase } from "../support/mod.ts";
import { makeCertificate } from "../support/test_certificate.ts";
import { fill } from "./audit_fixture.ts";

const SECRET = "s3cret-of-the-collector";
const AUDIT = "one/gateway-0";
const EVIL = 'a"b]c\\d\ne\u0000f\u001b[31mg\u202eh';

interface World {
  readonly database: TestDatabase;
  readonly owner: Pool;
  readonly lines: string[];
  /** Runs a shipper until the end of the test. */
  ship(config: Record<string, unknown>, options?: { holder?: string; leaseMs?: number }): Running;
  /** Writes log lines; ids in their order. */
  say(...messages: string[]): Promise<string[]>;
  decide(count: number, over?: Parameters<typeof fill>[4]): Promise<string[]>;
}

interface Running {
  /** Ends it as a stop does. */
  stop(): Promise<void>;
}

async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  await withDatabase(async (database) => {
    const owner = openPool(database.owner, { max: 2, applicationName: "sinks test" });
    const lines: string[] = [];
    const log = createLog({ module: "logs", write: (line) => void lines.push(line) });
    const running: Running[] = [];
    const pools: Pool[] = [];
    try {
      await work({
        database,
        owner,
        lines,
        ship(given, options = {}) {
          const config = configOf(given);
          const sql = openPool(database.logs, { max: 2, applicationName: "sinks test" });
          pools.push(sql);
          const ending = new AbortController();
          const sink = openSink(config, () => Promise.resolve(SECRET));
          const shipper = new Shipper({
            ...{ sql, config, sink, log, holder: "one", idleMs: 10, firstRetryMs: 20 },
            ...options,
          });
          const done = shipper.run(ending.signal);
          const it = {
            stop: async () => {
              ending.abort();
              await done;
            },
          };
          running.push(it);
          return it;
        },
        async say(...messages) {
          const writer = new TableWriter({ sql: owner, writer: "one/logs", onState: () => {} });
          const written = messages.map((message) => {
            let text = "";
            createLog({ module: "mcp", isolate: "egress", write: (it) => void (text = it) })
              .about({ ...IDS, userId: EVIL }).warn(message, { odd: EVIL });
            return JSON.parse(text);
          });
          writer.put(written, 1000);
          await writer.close(5000);
          const rows = await owner`select id from logs order by n desc limit ${messages.length}`;
          return rows.map(({ id }) => id).reverse();
        },
        decide: async (count, over) =>
          (await fill(owner, AUDIT, count, 7, over)).map(({ id }) => id),
      });
    } finally {
      for (const it of running) await it.stop();
      for (const sql of [owner, ...pools]) await sql.end({ timeout: 1 });
    }
  });
}

const IDS = {
  userId: "ada",
  sessionId: "s",
  taskId: "t",
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  contextId: "c",
  clientId: "k",
};

/** As the profile would have it. */
function configOf(given: Record<string, unknown>): LogSinkConfig {
  const sink = { name: "siem", start: "beginning", sources: ["audit", "logs"], ...given };
  const [config] = profileSchema.parse({ name: "local", log: { sinks: [sink] } }).log.sinks;
  assert.ok(config);
  return config;
}

async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (const end = Date.now() + 15_000;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < end, `in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** What one kind of collector is sent: its own wire, taken apart. */
interface Wire {
  readonly config: Record<string, unknown>;
  readonly path: string;
  readonly header: readonly [string, string];
  readonly answer: (body: string) => Response;
  /** The documents of a request. */
  documents(body: string): Json[];
  idOf(document: Json): string;
}

const ndjson = (body: string): Json[] => body.trim().split("\n").map((line) => JSON.parse(line));
const ok = (): Response => Response.json({ text: "Success", code: 0 });

const WIRES: Readonly<Record<string, Wire>> = {
  splunk: {
    config: { type: "splunk", secret: "T", index: "main" },
    path: "/services/collector/event",
    header: ["authorization", `Splunk ${SECRET}`],
    answer: ok,
    documents: ndjson,
    idOf: ({ event }) => event.id,
  },
  elastic: {
    config: { type: "elastic", secret: "T" },
    path: "/spgov/_bulk",
    header: ["authorization", `ApiKey ${SECRET}`],
    answer: (body) => {
      const items = ndjson(body).filter((_, i) => i % 2 === 0).map(() => ({
        create: { status: 201 },
      }));
      return Response.json({ errors: false, items });
    },
    documents: (body) => {
      const all = ndjson(body);
      return all.flatMap((line, i) => i % 2 === 0 ? [{ ...line, document: all[i + 1] }] : []);
    },
    idOf: ({ create }) => create._id,
  },
  datadog: {
    config: { type: "datadog", secret: "T", tags: "env:test" },
    path: "/api/v2/logs",
    header: ["dd-api-key", SECRET],
    answer: () => new Response("{}", { status: 202 }),
    documents: (body) => JSON.parse(body),
    idOf: ({ spgov }) => spgov.id,
  },
  sumo: {
    config: { type: "sumo", secret: "T", category: "gov" },
    path: `/receiver/v1/http/${SECRET}`,
    header: ["x-sumo-category", "gov"],
    answer: () => new Response(""),
    documents: ndjson,
    idOf: ({ id }) => id,
  },
  otlp: {
    config: { type: "otlp", secret: "T" },
    path: "/v1/logs",
    header: ["authorization", `Bearer ${SECRET}`],
    answer: () => Response.json({ partialSuccess: {} }),
    documents: (body) =>
      JSON.parse(body).resourceLogs.flatMap((resource: Json) =>
        resource.scopeLogs.flatMap((scope: Json) => scope.logRecords)
      ),
    idOf: ({ attributes }) =>
      attributes.find(({ key }: Json) => key === "log.record.uid").value.stringValue,
  },
};

function wireOf(kind: string): Wire {
  const wire = WIRES[kind];
  assert.ok(wire);
  return wire;
}

function urlFor(kind: string, { url }: HttpPeer): string {
  return kind === "sumo" ? `${url}/receiver/v1/http` : url;
}

for (const [kind, wire] of Object.entries(WIRES)) {
  Deno.test(`${kind}: rows and lines arrive whole, in order, with its credential, once`, () =>
    withWorld(async ({ ship, say, decide, owner }) => {
      await using peer = startHttpPeer(({ body }) => wire.answer(body));
      const rows = await decide(20, { userId: EVIL.replace("\u0000", "") });
      const said = await say(...Array.from({ length: 5 }, (_, i) => `${i} ${EVIL}`));
      const running = ship({ ...wire.config, url: urlFor(kind, peer), batch: 7 });
      const ids = () => peer.received.flatMap(({ body }) => wire.documents(body)).map(wire.idOf);
      await until("25 events", () => ids().length >= 25);
      const later = await decide(3);
      await until("28 events", () => ids().length >= 28);
      await running.stop();
      assert.deepEqual(ids().filter((id) => !said.includes(id)), [...rows, ...later]);
      assert.deepEqual(ids().filter((id) => said.includes(id)), said);
      for (const { path, headers, body } of peer.received) {
        assert.equal(path, wire.path);
        assert.equal(headers.get(wire.header[0]), wire.header[1]);
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(body, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        assert.ok(!body.includes(SECRET));
      }
      const [state] = await listSinks(owner);
      assert.equal(state?.delivered, 28);
      assert.equal(state?.waiting, 0);
      assert.equal(state?.failingSince, null);
    }));
}

Deno.test("documents: what each kind of collector reads stands where it looks for it", () =>
  withWorld(async ({ ship, say, decide }) => {
    await using peer = startHttpPeer(({ body, path }) =>
      path.endsWith("_bulk") ? wireOf("elastic").answer(body) : Response.json({ code: 0 })
    );
    await decide(1, { decision: "deny", policy: "secret_detection", traceId: IDS.traceId });
    await say("a line");
    for (const [name, { config }] of Object.entries(WIRES)) {
      ship({ ...config, name, url: urlFor(name, peer) });
      await until(name, () => peer.received.some(({ path }) => path === WIRES[name]?.path));
    }
    ship({ ...wireOf("splunk").config, name: "ocsf", url: `${peer.url}/ocsf`, format: "ocsf" });
    await until("ocsf", () => peer.received.some(({ path }) => path === "/ocsf"));
    const first = (kind: string, path = WIRES[kind]?.path): Json => {
      const request = peer.received.find((each) => each.path === path);
      return WIRES[kind]?.documents(request?.body ?? "")[0];
    };
    const splunk = first("splunk");
    assert.equal(splunk.index, "main");
    assert.equal(splunk.sourcetype, "spgov");
    assert.ok(splunk.time > 1.6e9 && splunk.time < 1e10, "seconds");
    assert.equal(splunk.event.policy, "secret_detection");
    assert.equal(splunk.event.client_id, "claude-code");
    const { document } = first("elastic");
    assert.match(document["@timestamp"], /^\d{4}-.*Z$/);
    assert.deepEqual(document.event.category, ["api"]);
    assert.deepEqual(document.event.type, ["access", "denied"]);
    assert.equal(document.event.outcome, "failure");
    assert.equal(document.trace.id, IDS.traceId);
    assert.equal(document.spgov.audit.task_id, "task-1");
    const datadog = first("datadog");
    assert.equal(datadog.ddsource, "spgov");
    assert.equal(datadog.ddtags, "env:test");
    assert.equal(datadog.status, "warn");
    const record = first("otlp");
    assert.equal(record.traceId, IDS.traceId);
    assert.equal(record.severityNumber, 13);
    assert.match(record.timeUnixNano, /^\d{19}$/);
    const { event: ocsf } = first("splunk", "/ocsf");
    assert.equal(ocsf.class_uid, 6003);
    assert.equal(ocsf.type_uid, 600399);
    assert.equal(ocsf.action_id, 2);
    assert.equal(ocsf.actor.user.uid, "ada");
    assert.equal(ocsf.metadata.version, "1.4.0");
    assert.ok(Number.isInteger(ocsf.time) && ocsf.time > 1.6e12, "milliseconds");
    assert.equal(ocsf.unmapped.session_id, "session-1");
  }));

for (const secure of [false, true]) {
  Deno.test(`syslog over ${secure ? "TLS" : "TCP"}: RFC 5424, framed by length, whatever the text holds`, () =>
    withWorld(async ({ ship, say, decide }) => {
      const failures: unknown[] = [];
      const certificate = await makeCertificate(["IP:127.0.0.1"]);
      await using peer = await startSyslogPeer({
        ...secure && { tls: certificate },
        fail: (error) => void failures.push(error),
      });
      const rows = await decide(9, { userId: EVIL.replace("\u0000", ""), decision: "deny" });
      const said = await say(`line ${EVIL}`);
      const folder = { ...secure && { ca: certificate.ca } };
      const config = { type: "syslog", host: "127.0.0.1", port: peer.port, tls: secure, ...folder };
      const running = ship({ ...config, batch: 4 });
      await until("all", () => peer.messages.length >= 10);
      await running.stop();
      assert.deepEqual(failures, []);
      assert.deepEqual(peer.messages.map(({ data }) => data.id), [...rows, ...said]);
      const [first] = peer.messages;
      const last = peer.messages.at(-1);
      assert.equal(first?.facility, 13);
      assert.equal(first?.severity, 4);
      assert.equal(first?.app, "spgov");
      assert.equal(first?.host, "one");
      assert.equal(first?.id, "decision");
      assert.equal(first?.data.sdId, "spgov@32473");
      assert.equal(first?.data.user_id, 'a"b]c\\d\\u000ae' + "f\\u001b[31mg\\u202eh");
      assert.equal(JSON.parse(first?.text ?? "").user_id, EVIL.replace("\u0000", ""));
      assert.equal(last?.process, "egress");
      assert.equal(last?.id, "log");
      for (const { text } of peer.messages) assert.ok(!text.includes("\n"));
    }));
}

Deno.test("syslog: what the collector did not read to the end is sent again; a false certificate gets nothing", () =>
  withWorld(async ({ ship, decide, owner }) => {
    const failures: unknown[] = [];
    const fail = (error: unknown) => void failures.push(error);
    const [certificate, other] = await Promise.all([
      makeCertificate(["IP:127.0.0.1"]),
      makeCertificate(["IP:127.0.0.1"]),
    ]);
    await using plain = await startSyslogPeer({ fail });
    await using forged = await startSyslogPeer({ fail, tls: other });
    plain.mode = "hold";
    const rows = await decide(3);
    const common = { type: "syslog", host: "127.0.0.1", timeout_ms: 200 };
    ship({ ...common, name: "plain", port: plain.port, tls: false });
    ship({ ...common, name: "forged", port: forged.port, ca: certificate.ca });
    await until("three attempts", () => plain.connections >= 3);
    const states = async () => new Map((await listSinks(owner)).map((each) => [each.name, each]));
    assert.equal((await states()).get("plain")?.delivered, 0);
    plain.mode = "read";
    await until("delivery", async () => (await states()).get("plain")?.delivered === 3);
    assert.deepEqual(new Set(plain.messages.map(({ data }) => data.id)), new Set(rows));
    await until(
      "a reason",
      async () => /certificate/i.test((await states()).get("forged")?.lastError ?? ""),
    );
    assert.equal(forged.messages.length, 0);
    assert.deepEqual(failures, []);
  }));

Deno.test("a collector that is down, then answers 503, 429 and garbage, loses nothing", () =>
  withWorld(async ({ ship, decide, owner, lines }) => {
    const reserved = startHttpPeer(ok);
    const { port, url } = reserved;
    await reserved[Symbol.asyncDispose]();
    const rows = [...await decide(10)];
    ship({ ...wireOf("splunk").config, url, batch: 5 });
    await until("a failure", async () => (await listSinks(owner))[0]?.failingSince);
    rows.push(...await decide(10));
    const answers = [
      () => new Response("busy", { status: 503, headers: { "retry-after": "1" } }),
      () => new Response("slow down", { status: 429 }),
      () => new Response("<html>not what you think</html>"),
      () => Response.json({ code: 9, text: "Server is busy" }),
      () => new Response("moved", { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
      () => new Response("who are you", { status: 401 }),
    ];
    await using peer = startHttpPeer(() => answers.shift()?.() ?? ok(), port);
    const taken: string[] = [];
    await until("all", async () => {
      const [state] = await listSinks(owner);
      return state?.delivered === 20 && state.failingSince === null;
    });
    for (const { body } of peer.received.slice(6)) {
      taken.push(...ndjson(body).map(({ event }) => event.id));
    }
    assert.deepEqual(taken, rows);
    const said = lines.map((line) => JSON.parse(line).message);
    assert.deepEqual(said, [
      "A collector takes no events; they wait",
      "A collector takes events again",
    ], "said once, not at each attempt");
    assert.ok(!lines.join("").includes(SECRET));
  }));

Deno.test("a redirect is not followed: the credential goes to the configured address only", () =>
  withWorld(async ({ ship, decide, owner }) => {
    await using thief = startHttpPeer(ok);
    await using peer = startHttpPeer(() =>
      new Response(null, {
        status: 307,
        headers: { location: `${thief.url}/services/collector/event` },
      })
    );
    await decide(1);
    ship({ ...wireOf("splunk").config, url: peer.url });
    await until("three attempts", () => peer.received.length >= 3);
    assert.equal(thief.received.length, 0);
    assert.match((await listSinks(owner))[0]?.lastError ?? "", /HTTP 307/);
  }));

Deno.test("an event that the collector will never take is written down, and holds up no other", () =>
  withWorld(async ({ ship, decide, owner }) => {
    const rows = await decide(12);
    const [, , , , bad = "", , , worse = ""] = rows;
    await using peer = startHttpPeer(({ body }) =>
      [bad, worse].some((id) => body.includes(id)) ? new Response("cannot", { status: 400 }) : ok()
    );
    ship({ ...wireOf("splunk").config, url: peer.url });
    await until("delivery", async () => (await listSinks(owner))[0]?.delivered === 10);
    const refused = await listRefused(owner, "siem", 10);
    assert.deepEqual(refused.map(({ eventId }) => eventId).sort(), [bad, worse].sort());
    assert.match(refused[0]?.reason ?? "", /HTTP 400: cannot/);
    assert.equal((await listSinks(owner))[0]?.refused, 2);
  }));

Deno.test("a collector that refuses everything refuses nothing: it is misconfigured, and the events wait", () =>
  withWorld(async ({ ship, decide, owner }) => {
    await decide(12);
    let isRight = false;
    await using peer = startHttpPeer(() => isRight ? ok() : new Response("no", { status: 400 }));
    ship({ ...wireOf("splunk").config, url: peer.url });
    await until("a failure", async () => (await listSinks(owner))[0]?.failingSince);
    assert.equal((await listRefused(owner, "siem", 10)).length, 0);
    isRight = true;
    await until("delivery", async () => (await listSinks(owner))[0]?.delivered === 12);
    assert.equal((await listSinks(owner))[0]?.refused, 0);
  }));

Deno.test("elastic: what it has already counts, what it maps not is refused, what is busy is sent again", () =>
  withWorld(async ({ ship, decide, owner }) => {
    const rows = await decide(4);
    let requests = 0;
    await using peer = startHttpPeer(({ body }) => {
      requests++;
      const items = ndjson(body).filter((_, i) => i % 2 === 0).map(({ create }) => {
        if (create._id === rows[1]) return { create: { status: 400, error: { type: "mapper" } } };
        if (create._id === rows[2] && requests === 1) return { create: { status: 429 } };
        return { create: { status: requests === 1 ? 201 : 409 } };
      });
      return Response.json({ errors: true, items });
    });
    ship({ ...wireOf("elastic").config, url: peer.url });
    await until("delivery", async () => (await listSinks(owner))[0]?.delivered === 3);
    assert.equal(requests, 2);
    const refused = await listRefused(owner, "siem", 10);
    assert.deepEqual(refused.map(({ eventId }) => eventId), [rows[1]]);
  }));

Deno.test("two replicas send each event once; when one dies with its lease, the other goes on, and nothing is missing", () =>
  withWorld(async ({ ship, decide, owner }) => {
    await using peer = startHttpPeer(ok);
    const config = { ...wireOf("splunk").config, url: peer.url, batch: 5 };
    const first = ship(config, { holder: "one", leaseMs: 600 });
    ship(config, { holder: "two", leaseMs: 600 });
    const ids = () =>
      peer.received.flatMap(({ body }) => ndjson(body)).map(({ event }) => event.id);
    const rows: string[] = [];
    for (let i = 0; i < 5; i++) rows.push(...await decide(10));
    await until("50 events", () => ids().length >= 50);
    assert.deepEqual(ids(), rows);
    // Gone without a word: somebody who will never come back has the lease.
    await first.stop();
    await until("a lease", async () => (await listSinks(owner))[0]?.leaseHolder === "two");
    await owner`update log_sinks set lease_holder = 'dead', lease_until = clock_timestamp() + interval '1 s'`;
    rows.push(...await decide(10));
    await until("60 events", () => new Set(ids()).size >= 60);
    assert.deepEqual([...new Set(ids())], rows);
    assert.equal((await listSinks(owner))[0]?.leaseHolder, "two");
  }));

Deno.test("whoever lost the lease while it sent moves no cursor: the other one sends the page again", () =>
  withWorld(async ({ ship, decide, owner }) => {
    const rows = await decide(5);
    let stolen = false;
    await using peer = startHttpPeer(async () => {
      if (!stolen) {
        stolen = true;
        await owner`update log_sinks set lease_holder = 'other', lease_until = clock_timestamp() + interval '300 ms'`;
      }
      return ok();
    });
    ship({ ...wireOf("splunk").config, url: peer.url });
    await until("again", () => peer.received.length >= 2);
    const [, second] = peer.received;
    assert.deepEqual(ndjson(second?.body ?? "").map(({ event }) => event.id), rows);
    await until("delivery", async () => (await listSinks(owner))[0]?.delivered === 5);
  }));

Deno.test("a new collector begins now, and gets all of a writer that comes later", () =>
  withWorld(async ({ ship, say, decide, owner }) => {
    await decide(5);
    await say("before");
    await using peer = startHttpPeer(ok);
    const config = { ...wireOf("splunk").config, url: peer.url, start: "now", level: "warn" };
    const running = ship(config);
    await until("a beginning", async () => (await owner`select 1 from log_cursors`).length >= 4);
    const rows = await decide(2);
    const late = (await fill(owner, "two/gateway-0", 3, 3)).map(({ id }) => id);
    const ids = () =>
      peer.received.flatMap(({ body }) => ndjson(body)).map(({ event }) => event.id);
    await until("five", () => ids().length >= 5);
    await running.stop();
    // Configured again with the same name: it goes on where it was.
    const more = await decide(1);
    const line = await say("after");
    ship(config);
    await until("seven", () => ids().length >= 7);
    assert.deepEqual(new Set(ids()), new Set([...rows, ...late, ...more, ...line]));
    assert.equal(ids().length, 7);
  }));

Deno.test("the credential is nowhere in the database, and the isolate's login may not read the vault", () =>
  withWorld(async ({ ship, decide, database }) => {
    await using peer = startHttpPeer(() => new Response(SECRET, { status: 403 }));
    await decide(1);
    ship({ ...wireOf("sumo").config, url: `${peer.url}/receiver` });
    await until("an attempt", () => peer.received.length >= 1);
    const sql = openPool(database.logs, { max: 1, applicationName: "sinks test" });
    try {
      await assert.rejects(sql`select * from secrets`, /permission denied/);
      await assert.rejects(sql`select * from vault_key_wraps`, /permission denied/);
    } finally {
      await sql.end();
    }
  }));
