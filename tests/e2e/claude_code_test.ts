/**
 * The real client against the appliance: Claude Code from npm, its model replaced by a fake one that
 * asks for what the test wants, its hooks written by `spgov core hooks install`.
 */
import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { denoDir } from "../support/deno_dir.ts";
import { obtainClient, runClient } from "./claude_client.ts";
import { startFakeAnthropic } from "./fake_anthropic.ts";
import { startService, type TestService } from "../support/service.ts";

interface AuditRow {
  readonly request_id: string;
  readonly session_id: string;
  readonly target: string;
  readonly decision: string;
  readonly policy: string;
}

Deno.test("Claude Code is governed through its hooks", async (t) => {
  const client = await obtainClient();
  if ("reason" in client) {
    await t.step({ name: `skipped: ${client.reason}`, ignore: true, fn: () => {} });
    return;
  }
  const model = startFakeAnthropic();
  const root = await Deno.makeTempDir({ prefix: "claude-code-" });
  const [home, folder] = [`${root}/home`, `${root}/work`];
  await Promise.all([home, folder].map((path) => Deno.mkdir(path)));
  const service = await startService({
    variables: {
      HOME: home,
      CLAUDE_CONFIG_DIR: `${home}/.claude`,
      DENO_DIR: await denoDir(),
    },
  });
  const ask = (prompt: string) =>
    runClient({ client: client.path, folder, home, modelUrl: model.url, prompt });
  const made = (name: string) => Deno.stat(`${folder}/${name}`).then(() => true, () => false);
  const token = githubToken();
  let running = true;

  try {
    const install = ["core", "hooks", "install", "claude-code", "--scope", "project"];
    const installed = await service.cli(...install, "--dir", folder, "--yes");
    assert.equal(installed.code, 0, installed.stderr);

    await t.step("a leaking Bash call never runs, and the model is told why", async () => {
      model.play({
        tool: "Bash",
        input: { command: `printf ${token} > leaked`, description: "x" },
      });
      const run = await ask("store the token");
      assert.equal(run.code, 0, run.stderr);
      assert.equal(await made("leaked"), false, "the command ran");
      const [result, ...more] = model.toolResults();
      assert.equal(more.length, 0);
      assert.equal(result?.isError, true);
      assert.match(result?.text ?? "", /\[GOVERNANCE\] .*github/i);
      assertNothingOf(token, result?.text ?? "");

      const row = await findRow(service, { target: "tool:Bash", decision: "deny" });
      assert.equal(row.policy, "secret_detection");
      const audit = await service.cli("infra", "logs", "audit", row.request_id, "--full", "--json");
      assert.equal(audit.code, 0, audit.stderr);
      assert.ok(audit.stdout.includes(row.session_id), "the row names its session");
      assert.ok(audit.stdout.includes(run.sessionId), "and the one that the client named");
      assert.match(audit.stdout, /github/i);
      assertNothingOf(token, audit.stdout);
      const session = ["infra", "logs", "audit", row.session_id, "--json"] as const;
      assert.ok(
        (await service.cli(...session)).stdout.includes(row.request_id),
        "the session leads to the row",
      );
    });

    await t.step("a harmless call runs and leaves its decision and its outcome", async () => {
      model.play({ tool: "Bash", input: { command: "printf fine > harmless", description: "x" } });
      const run = await ask("write the file");
      assert.equal(run.result, "done", run.stdout + run.stderr);
      assert.equal(await made("harmless"), true);
      assert.equal(model.toolResults()[0]?.isError, false);
      const row = await findRow(service, { target: "tool:Bash", decision: "allow" });
      await eventually("the outcome of the call", async () => {
        const audit = await service.cli(
          "infra",
          "logs",
          "audit",
          row.request_id,
          "--full",
          "--json",
        );
        return audit.stdout.includes('"ok"') ? true : undefined;
      });
    });

    await t.step("a prompt with a token never reaches the model", async () => {
      model.play();
      const run = await ask(`my token is ${token}, what can it do?`);
      assert.equal(model.bodies.length, 0, "the model was asked");
      assert.match(run.result, /\[GOVERNANCE\] .*github/i);
      assertNothingOf(token, run.stdout);
      await findRow(service, { target: "prompt", decision: "deny" });
    });

    await t.step("with the appliance gone, nothing runs", async () => {
      await service.stop();
      running = false;
      model.play({ tool: "Bash", input: { command: "printf x > ungoverned", description: "x" } });
      const run = await ask("write the file");
      assert.equal(await made("ungoverned"), false, "the command ran without a decision");
      assert.equal(model.bodies.length, 0, "the prompt was sent without a decision");
      assert.match(run.result, /blocked by hook/);
    });
  } finally {
    if (running) await service.stop();
    await model.stop();
    await Deno.remove(root, { recursive: true });
  }
});

async function findRow(
  service: TestService,
  wanted: Pick<AuditRow, "target" | "decision">,
): Promise<AuditRow> {
  return await eventually(`a row ${wanted.target} ${wanted.decision}`, async () => {
    const { stdout } = await service.cli("infra", "logs", "decisions", "list", "--json");
    const { data } = JSON.parse(stdout) as { data: { decisions: AuditRow[] } };
    return data.decisions.find((row) =>
      row.target === wanted.target && row.decision === wanted.decision
    );
  });
}

/** Polls until there is a value; fails after 10 s. */
async function eventually<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const value = await find();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`There is no ${what}`);
}

/**
 * A token of the real form, checksum included. Digits and capitals alternate so that three of its
 * characters in a row stand in no ordinary text (T and Z would, in times).
 */
function githubToken(): string {
  const random = crypto.getRandomValues(new Uint8Array(30));
  const sets = ["0123456789", "BCDFGHJKLMNPQRSVWX"];
  const entropy = [...random].map((byte, i) => pick(sets[i % 2] ?? "", byte)).join("");
  return `gh${"p_"}${entropy}${base62(crc32(entropy)).padStart(6, "0")}`;
}

function pick(letters: string, byte: number): string {
  return letters.charAt(byte % letters.length);
}

function base62(value: number): string {
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const rest = digits.charAt(value % 62);
  return value < 62 ? rest : base62(Math.floor(value / 62)) + rest;
}

function assertNothingOf(token: string, text: string): void {
  const entropy = token.slice(4, 34);
  for (let i = 0; i + 3 <= entropy.length; i++) {
    assert.ok(!text.includes(entropy.slice(i, i + 3)), "a part of the token is repeated");
  }
}
