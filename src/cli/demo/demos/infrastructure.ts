import type { Demo } from "../demo.ts";

const services: Demo = {
  name: "infrastructure/01-services",
  title: "What runs, and what each part may do",
  async play(scene) {
    const status = await scene.spgov("infra", "services", "status");
    const text = JSON.stringify(status.data ?? "");
    scene.expect("the services are listed", status.status === 0 && text.length > 2, status.stderr);
    for (const name of ["gateway", "egress", "jobs"]) {
      scene.expect(`${name} runs`, text.includes(name), status.data);
    }
    const permissions = await scene.spgov("infra", "services", "permissions");
    const lists = JSON.stringify(permissions.data ?? "");
    scene.expect(
      "each isolate has its list",
      lists.includes("gateway") && lists.includes("egress"),
      permissions.data,
    );
  },
};

const database: Demo = {
  name: "infrastructure/02-database",
  title: "The database behind it",
  async play(scene) {
    const status = await scene.spgov("infra", "db", "status");
    scene.expect("it answers", status.status === 0, status.stderr);
    const info = await scene.spgov("infra", "db", "info");
    scene.expect("it is PostgreSQL", /\d+/.test(String(info.data?.version)), info.data);
    const tables = await scene.spgov("infra", "db", "tables", "--filter", "audit");
    scene.expect("the audit's tables are there", tables.data?.tables?.length >= 4, tables.data);
    const audit = await scene.spgov("infra", "db", "describe", "audit");
    scene.expect(
      "the audit has its 18 columns",
      audit.data?.columns?.length === 18,
      audit.data?.columns?.length,
    );
    const indexes = await scene.spgov("infra", "db", "indexes", "--table", "audit");
    scene.expect("it is indexed", indexes.data?.indexes?.length >= 4, indexes.data);
    const count = await scene.spgov("infra", "db", "count", "audit");
    scene.expect("it has rows", count.data?.count > 0, count.data);
    const size = await scene.spgov("infra", "db", "size");
    scene.expect("it takes space", size.data?.database_size_bytes > 0, size.data);
    const sql = "select decision, count(*)::int as n from audit where kind = 'decision' group by 1";
    const query = await scene.spgov("infra", "db", "query", sql);
    scene.expect("decisions can be counted", query.data?.row_count > 0, query.data);
    const write = await scene.spgov("infra", "db", "query", "delete from audit");
    scene.expect("a query cannot change anything", write.status !== 0, write.data);
    const migrations = await scene.spgov("infra", "db", "migrations", "status");
    scene.expect("no migration is pending", migrations.data?.total_pending === 0, migrations.data);
    const valid = await scene.spgov("infra", "db", "validate");
    scene.expect("it is as the program expects it", valid.data?.valid === true, valid.data);
  },
};

const jobs: Demo = {
  name: "infrastructure/03-jobs",
  title: "What is done on a schedule, once over all replicas",
  async play(scene) {
    const list = await scene.spgov("infra", "jobs", "list");
    scene.expect("the jobs are listed", list.data?.jobs?.length >= 10, list.stderr);
    scene.expect("a scheduler is alive", list.data?.schedulers?.length > 0, list.data);
    const first = list.data?.jobs?.[0];
    scene.expect("it knows when the first runs next", Boolean(first?.next_run), first);
    const run = await scene.spgov("infra", "jobs", "run", "audit-partitions");
    scene.expect("a run on demand succeeds", run.status === 0 && run.data?.succeeded === 1, run);
    const show = await scene.spgov("infra", "jobs", "show", "audit-partitions");
    scene.expect("the job says how it went", show.data?.last_status === "ok", show.data);
    const history = await scene.spgov("infra", "jobs", "history", "--job", "audit-partitions");
    scene.expect("the run is kept", history.data?.entries?.[0]?.trigger === "manual", history.data);
    const wrong = await scene.spgov("infra", "jobs", "run", "no-such-job");
    scene.expect("what does not exist is no success", wrong.status === 3, wrong.status);
    const keep = await scene.spgov(
      "infra",
      "jobs",
      "run",
      "audit-retention",
      "-p",
      "keep_months=1",
    );
    scene.expect("nobody drops the audit by asking", keep.status === 5, keep.status);
    const off = await scene.spgov("infra", "jobs", "disable", "unused-clients");
    scene.expect("a job can be switched off", off.data?.enabled === false, off.data);
    const on = await scene.spgov("infra", "jobs", "enable", "unused-clients");
    scene.expect("and on again", on.data?.enabled === true, on.data);
    const backup = await scene.spgov("infra", "db", "backup");
    scene.expect("the database is backed up", backup.data?.rows > 0, backup.stderr);
    const check = await scene.spgov("infra", "db", "restore", backup.data?.path ?? "", "--dry-run");
    scene.expect("the backup opens to its end", check.data?.rows === backup.data?.rows, check.data);
  },
};

const logs: Demo = {
  name: "infrastructure/04-logs",
  title: "Decisions, traces, an export that verifies without the database",
  async play(scene) {
    const session = await scene.session();
    const reply = await session.govern({
      tool_name: "Read",
      tool_input: { file_path: "/src/main.rs" },
    });
    const decisions = await scene.spgov(
      "infra",
      "logs",
      "decisions",
      "list",
      "--session",
      session.id,
    );
    scene.expect(
      "the session's decision is listed",
      decisions.data?.decisions?.length === 1,
      decisions.data,
    );
    const shown = await scene.spgov("infra", "logs", "decisions", "show", reply.decisionId);
    scene.expect(
      "it can be explained",
      JSON.stringify(shown.data ?? "").includes(reply.decisionId),
      shown.data,
    );
    const said = await scene.spgov(
      "infra",
      "logs",
      "level",
      "set",
      "governance",
      "debug",
      "--for",
      "5m",
    );
    scene.expect("a level is set while it runs", said.data?.level === "debug", said.data);
    const line = await scene.eventually(
      async () => {
        await session.govern({ tool_name: "Read", tool_input: { file_path: "/src/lib.rs" } });
        return await scene.spgov("infra", "logs", "view", "--session", session.id);
      },
      ({ data }) => (data?.logs?.length ?? 0) > 0,
    );
    scene.expect(
      "a decision is said in a line of its session",
      line.data?.logs?.[0]?.session_id === session.id,
      line.data,
    );
    await scene.spgov("infra", "logs", "level", "clear", "governance");
    const found = await scene.spgov("infra", "logs", "search", "was decided", "--since", "24h");
    scene.expect("it is found by its text", found.data?.log_count > 0, found.data);
    const summary = await scene.spgov("infra", "logs", "summary", "--since", "24h");
    scene.expect("lines are counted by level", summary.data?.by_level?.debug > 0, summary.data);
    const requests = await scene.spgov("infra", "logs", "request", "list", "--limit", "5");
    scene.expect("requests to models are listed", requests.status === 0, requests.stderr);
    const sinks = await scene.spgov("infra", "logs", "sinks", "list");
    scene.expect("nothing is sent anywhere", sinks.data?.sinks?.length === 0, sinks.data);
    const traces = await scene.spgov("infra", "logs", "trace", "list", "--session", session.id);
    scene.expect("its trace is listed", JSON.stringify(traces.data ?? "").length > 20, traces.data);
    const file = `${await scene.folder()}/audit.bundle`;
    const args = ["--format", "bundle", "--session", session.id, "--output", file];
    const exported = await scene.eventually(
      () => scene.spgov("infra", "logs", "export", ...args),
      ({ status }) => status === 0,
    );
    scene.expect(
      "a bundle is written",
      exported.status === 0 && (await Deno.stat(file)).size > 0,
      exported.stderr,
    );
    const verified = await scene.spgov("infra", "logs", "verify", "--bundle", file);
    scene.expect("it verifies by itself", verified.status === 0, verified.data ?? verified.stderr);
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text.replace("/src/main.rs", "/src/evil.rs"));
    const forged = await scene.spgov("infra", "logs", "verify", "--bundle", file);
    scene.expect("one changed word shows", forged.status === 5, forged.status);
  },
};

const config: Demo = {
  name: "infrastructure/05-config",
  title: "Configuration that says what is wrong with it",
  async play(scene) {
    const shown = await scene.spgov("admin", "config", "show");
    scene.expect("the configuration is shown", shown.status === 0, shown.stderr);
    const listed = await scene.spgov("admin", "config", "list");
    scene.expect(
      "its files are listed",
      JSON.stringify(listed.data ?? "").includes("limits.yaml"),
      listed.data,
    );
    const valid = await scene.spgov("admin", "config", "validate");
    scene.expect("it is valid", valid.status === 0, valid.data ?? valid.stderr);
    const profile = `${await scene.folder()}/profile.yaml`;
    await Deno.writeTextFile(profile, "name: broken\nserver:\n  prt: 8080\n");
    const broken = await scene.spgov("admin", "config", "validate", "--profile", profile);
    scene.expect("a wrong one ends with status 5", broken.status === 5, broken.status);
    const said = JSON.stringify(broken.data ?? "") + broken.stderr;
    scene.expect("… names the place", /profile\.yaml.{0,40}3/.test(said), said);
    scene.expect("… and what was meant", said.includes("port"), said);
  },
};

export const INFRASTRUCTURE: readonly Demo[] = [services, database, jobs, logs, config];
