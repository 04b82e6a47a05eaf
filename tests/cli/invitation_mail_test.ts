import assert from "node:assert/strict";
import { deliverMail } from "../../src/isolates/mod.ts";
import type { MailApi } from "../../src/isolates/mail_api.ts";
import { mailPermissions } from "../../src/isolates/permissions.ts";
import { spawnIsolate } from "../../src/isolates/spawn.ts";
import type { Mail, MailRoute } from "../../src/mail/mod.ts";
import {
  type MailServerOptions,
  startMailServer,
  type TestMailServer,
} from "../support/mail_server.ts";
import { type AdminHome, withAdminHome } from "./admin_home.ts";
import { type Result, spgov } from "./spgov.ts";

const LOGIN = { user: "gov", password: "harbour-lantern-42" };
const BASE = "https://gov.example.com";
const LINK = /https:\/\/gov\.example\.com\/sign-in\/link\?token=[\w-]{43}/;

interface World extends AdminHome {
  readonly server: TestMailServer;
  /** Writes the profile with these keys of `smtp`, beside the usual ones. */
  configure(smtp: string): Promise<void>;
  invite(email: string, ...args: string[]): Promise<Result>;
}

async function withMail(
  options: MailServerOptions,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const server = await startMailServer(options);
  try {
    await withAdminHome(async (admin) => {
      const { home, url, run } = admin;
      const folder = `${home}/profiles/local`;
      await Deno.mkdir(folder, { recursive: true });
      await Deno.writeTextFile(`${home}/mail.pem`, server.ca);
      const configure = (smtp: string): Promise<void> =>
        Deno.writeTextFile(
          `${folder}/profile.yaml`,
          `name: local\nserver: { public_url: "${BASE}" }\nsmtp:\n  host: localhost\n` +
            `  port: ${server.port}\n  from: gov@example.com\n${smtp}`,
        );
      await configure("  ca: mail.pem\n  user: gov\n  secret: SMTP_PASSWORD\n");
      const kept = await spgov(
        ["cloud", "secrets", "set", "SMTP_PASSWORD", "--server", "mail.smtp", "--home", home],
        { env: { DATABASE_URL: url }, input: LOGIN.password },
      );
      assert.equal(kept.code, 0, kept.stderr);
      const invite = (email: string, ...args: string[]) =>
        run(["users", "invite", email, "--mail", ...args]);
      await work({ ...admin, server, configure, invite });
    });
  } finally {
    await server.stop();
  }
}

/** The text of a mail as its reader sees it, which may be quoted-printable. */
function bodyOf(mail: string): string {
  const [head = "", ...rest] = mail.split("\r\n\r\n");
  const body = rest.join("\n\n");
  if (!/quoted-printable/i.test(head)) return body;
  return body.replace(/=\r?\n/g, "").replace(
    /=([0-9A-F]{2})/g,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
}

async function countUsers({ sql }: AdminHome): Promise<number> {
  const [row] = await sql`select count(*)::int as n from users`;
  return row?.["n"];
}

/** Neither the audit nor the log lines nor the users hold the link or the password. */
async function assertNowhere({ sql }: AdminHome, ...texts: readonly string[]): Promise<void> {
  const [all] = await sql`
    select concat((select string_agg(a::text, '') from audit a),
                  (select string_agg(l::text, '') from logs l),
                  (select string_agg(s::text, '') from sign_in_links s),
                  (select string_agg(u::text, '') from users u)) as text`;
  for (const text of texts) assert.ok(text !== "" && !all?.["text"].includes(text), text);
}

function tokenIn(text: string): string {
  return new URL(text.match(LINK)?.[0] ?? "").searchParams.get("token") ?? "";
}

Deno.test("users invite --mail: the link goes to the recipient over STARTTLS, signed in, and nowhere else", async () => {
  await withMail({ tls: "starttls", login: LOGIN }, async (world) => {
    const { code, stdout, stderr } = await world.invite("grace@example.com", "--verbose");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^localhost accepted the mail to grace@example\.com for delivery\.\n$/);
    const [mail, ...more] = world.server.taken;
    assert.deepEqual(more, []);
    assert.deepEqual({ ...mail, text: "" }, {
      ...{ text: "", from: "gov@example.com", to: ["grace@example.com"] },
      ...{ isSecure: true, user: "gov" },
    });
    const body = bodyOf(mail?.text ?? "");
    assert.match(body, LINK);
    const token = tokenIn(body);
    assert.ok(!`${stdout}${stderr}`.includes(token));
    assert.ok(!`${stdout}${stderr}${mail?.text}`.includes(LOGIN.password));
    await assertNowhere(world, token, LOGIN.password);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
    const [link] = await world.sql`select token_hash from sign_in_links`;
    assert.deepEqual(new Uint8Array(link?.["tokenHash"]), new Uint8Array(digest));
    const [row] = await world.sql`
      select detail from audit where target = 'identity:sign_in_link_created'`;
    assert.equal(row?.["detail"].delivery, "mail");

    const data = await world.json(["users", "invite", "mary@example.com", "--mail"]);
    assert.deepEqual([data.mailed, data.email, data.url], [true, "mary@example.com", undefined]);
    const plain = await world.json(["users", "invite", "joan@example.com"]);
    assert.match(plain.url, LINK);
    assert.equal(world.server.taken.length, 2, "nothing is mailed unless it is asked for");
  });
});

Deno.test("users invite --mail: TLS from the first byte, without a login, to a server that wants none", async () => {
  await withMail({ tls: "implicit" }, async ({ home, url, configure, invite, server }) => {
    await configure("  ca: mail.pem\n  tls: implicit\n");
    const { code, stderr } = await invite("grace@example.com");
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      server.taken.map(({ isSecure, user }) => [isSecure, user]),
      [[true, undefined]],
    );

    // Without an authority of its own, those count that the host trusts.
    await configure("  tls: implicit\n");
    const trusting = await spgov(
      ["admin", "users", "invite", "mary@example.com", "--mail", "--home", home],
      { env: { DATABASE_URL: url, DENO_CERT: `${home}/mail.pem` } },
    );
    assert.deepEqual([trusting.code, server.taken.length], [0, 2], trusting.stderr);
  });
});

Deno.test("users invite --mail: what is not accepted is printed, said and told by the status; the link is good", async () => {
  const refusing: MailServerOptions = {
    ...{ tls: "starttls", login: LOGIN },
    refuse: (recipient) => recipient.startsWith("no") ? "No such mailbox" : undefined,
    refuseText: (text) => /^To: .*echo@/m.test(text) ? `Spam: ${tokenIn(bodyOf(text))}` : undefined,
  };
  await withMail(refusing, async (world) => {
    const { configure, invite, server } = world;
    const failed = async (email: string, code: number, why: RegExp): Promise<void> => {
      const result = await invite(email);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stdout, new RegExp(`^${LINK.source}\n$`));
      assert.match(result.stderr, /was NOT mailed: localhost did not accept it/);
      assert.match(result.stderr, why);
      const token = tokenIn(result.stdout);
      assert.ok(!result.stderr.includes(token) && !result.stderr.includes(LOGIN.password));
      await assertNowhere(world, token, LOGIN.password);
      const rows = await world.sql`
        select 1 from users u join sign_in_links l on l.user_id = u.id where u.email = ${email}`;
      assert.equal(rows.length, 1, "the user and the link are there, both");
    };
    await failed("nobody@example.com", 1, /RCPT TO with 550 No such mailbox/);
    // It repeats what it was sent.
    await failed("echo@example.com", 6, /It answers .*with 451\n/);
    const data = JSON.parse((await invite("nobody2@example.com", "--json")).stdout).data;
    assert.deepEqual([data.mailed, LINK.test(data.url)], [false, true]);

    await configure("  user: gov\n  secret: SMTP_PASSWORD\n");
    await failed("ada@example.com", 6, /certificate/);
    await configure("  ca: mail.pem\n  user: other\n  secret: SMTP_PASSWORD\n");
    await failed("bea@example.com", 1, /the login with 535\n/);
    assert.deepEqual(server.taken, []);
    await configure("  ca: mail.pem\n  user: gov\n  secret: SMTP_PASSWORD\n");
    await server.stop();
    await failed("eve@example.com", 6, /ECONNREFUSED/);
  });
});

Deno.test("users invite --mail: a server without TLS gets neither password nor link", async () => {
  await withMail({ tls: "none", login: LOGIN }, async ({ invite, server, configure }) => {
    const starttls = await invite("grace@example.com");
    assert.deepEqual([starttls.code, LINK.test(starttls.stdout)], [1, true], starttls.stderr);
    await configure("  ca: mail.pem\n  tls: implicit\n  timeout_ms: 5000\n");
    const implicit = await invite("mary@example.com");
    assert.deepEqual([implicit.code, LINK.test(implicit.stdout)], [6, true], implicit.stderr);
    assert.ok(server.connections() >= 2);
    assert.deepEqual(server.taken, []);
  });
});

Deno.test("users invite --mail: names and addresses add no header and no recipient", async () => {
  await withMail({ tls: "starttls", login: LOGIN }, async (world) => {
    const { invite, server } = world;
    const before = await countUsers(world);
    const hostile = "Eve\r\nBcc: all@example.com";
    for (
      const [email, ...args] of [
        ["eve@example.com", "--display-name", hostile],
        ["eve@example.com", "--name", hostile],
        ["eve@example.com\r\nBcc: all@example.com"],
        ["eve@example.com>\r\nRCPT TO:<all@example.com"],
        ["eve,all@example.com"],
        ["eve@example.com,all"],
        ["eve(x)@example.com"],
      ] as const
    ) assert.equal((await invite(email, ...args)).code, 5, JSON.stringify([email, args]));
    assert.equal(await countUsers(world), before);
    assert.equal(server.connections(), 0);

    const name = 'Eve" <all@example.com>, "Bcc: all@example.com';
    assert.equal((await invite("eve@example.com", "--display-name", name)).code, 0);
    const [mail] = server.taken;
    assert.deepEqual(mail?.to, ["eve@example.com"]);
    const [head = ""] = (mail?.text ?? "").split("\r\n\r\n");
    const names = head.replace(/\r\n[ \t]+/g, " ").split("\r\n").map((line) => line.split(":")[0]);
    assert.deepEqual(names.toSorted(), [
      ...["Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From"],
      ...["MIME-Version", "Message-ID", "Subject", "To"],
    ]);
  });
});

Deno.test("users invite --mail: what is missing is said before anything is made", async () => {
  await withMail({ tls: "starttls", login: LOGIN }, async (world) => {
    const { home, invite, configure, server } = world;
    const before = await countUsers(world);
    const profile = `${home}/profiles/local/profile.yaml`;
    const refused = async (why: RegExp): Promise<void> => {
      const { code, stdout, stderr } = await invite("grace@example.com");
      assert.deepEqual([code, stdout], [5, ""], stderr);
      assert.match(stderr, why);
    };
    await configure("  ca: mail.pem\n  user: gov\n  secret: OTHER\n");
    await refused(
      /has no OTHER for mail\.smtp[^]*spgov cloud secrets set OTHER --server mail\.smtp/,
    );
    await configure("  ca: gone.pem\n");
    await refused(/authority ".*gone\.pem" cannot be read/);
    await configure("  user: gov\n");
    await refused(/user and secret together/);
    await configure("  tls: none\n");
    await refused(/smtp\.tls/);
    await configure("  password: harbour\n");
    await refused(/password/);
    await configure('  from_name: "spgov\\r\\nBcc: all@example.com"\n');
    await refused(/from_name/);
    await Deno.writeTextFile(profile, `name: local\nserver: { public_url: "${BASE}" }\n`);
    await refused(/the profile has no smtp/);
    await Deno.writeTextFile(
      profile,
      "name: local\nsmtp: { host: localhost, port: 1, from: gov@example.com }\n",
    );
    await refused(/no server\.public_url/);
    assert.equal(await countUsers(world), before);
    assert.equal(server.connections(), 0);
  });
});

const MAIL: Mail = {
  from: { name: "spgov", address: "gov@example.com" },
  to: { name: "Ada", address: "ada@example.com" },
  ...{ subject: "x", text: "y" },
};

Deno.test("the isolate that mails reaches its server's addresses at its port and nothing else", async () => {
  const server = await startMailServer({ tls: "starttls" });
  const route: MailRoute = {
    ...{ host: "localhost", addresses: ["127.0.0.1"], port: server.port, tls: "starttls" as const },
    ...{ ca: server.ca, clientName: "gov.example.com", timeoutMs: 10_000 },
  };
  try {
    for (const [port, isReached] of [[1, false], [server.port, true]] as const) {
      const list = mailPermissions(["127.0.0.1"], port);
      assert.deepEqual(list, {
        ...{ net: [`127.0.0.1:${port}`], read: [], write: [], env: [], run: [] },
      });
      const isolate = spawnIsolate<MailApi>("mail", "mail", list);
      const { accepted } = await isolate.remote.send(route, MAIL);
      isolate.terminate();
      assert.equal(accepted, isReached);
      assert.equal(server.connections() > 0, isReached);
    }
  } finally {
    await server.stop();
  }
});

Deno.test("a server of mail that stays silent has not accepted anything when its time is over", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = silent.accept().catch(() => undefined);
  const outcome = await deliverMail({
    ...{ host: "127.0.0.1", port: silent.addr.port, tls: "starttls" },
    ...{ clientName: "gov.example.com", timeoutMs: 3000 },
  }, MAIL);
  assert.deepEqual([outcome.accepted, !outcome.accepted && outcome.isTransient], [false, true]);
  silent.close();
  (await accepting)?.close();
});
