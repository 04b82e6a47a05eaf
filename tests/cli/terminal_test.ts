import assert from "node:assert/strict";
import { withDatabase } from "../support/mod.ts";
import { findNoTerminal, openTerminal, type TerminalSession } from "../support/terminal.ts";
import { cleanEnvironment, MAIN, spgov, withHome } from "./spgov.ts";

const obstacle = await findNoTerminal();

interface Bench {
  readonly home: string;
  /** The command line on a terminal. */
  open(...args: string[]): TerminalSession;
}

function terminalTest(name: string, work: (bench: Bench) => Promise<void>): void {
  Deno.test({
    name: obstacle === undefined ? name : `${name} (skipped: ${obstacle})`,
    ignore: obstacle !== undefined,
    fn: () =>
      withHome((home) =>
        withDatabase(({ url }) =>
          work({
            home,
            open: (...args) =>
              openTerminal(
                [
                  Deno.execPath(),
                  "run",
                  "--quiet",
                  "--no-prompt",
                  "-A",
                  MAIN,
                  ...args,
                  "--home",
                  home,
                ],
                { ...cleanEnvironment(), DATABASE_URL: url },
              ),
          })
        )
      ),
  });
}

function profileOf(home: string): Promise<string> {
  return Deno.readTextFile(`${home}/profiles/local/profile.yaml`);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

terminalTest(
  "admin setup asks for what is not given, and takes Enter for its proposal",
  async (bench) => {
    await using terminal = bench.open("admin", "setup");
    await terminal.expect(/Email of the operator \[operator@localhost\]: /);
    await terminal.type("ops@example.com\r");
    await terminal.expect(/Port \[8080\]: /);
    await terminal.type("8443\r");
    await terminal.expect(/URL of an external PostgreSQL \[embedded\]: /);
    await terminal.type("\r");
    await terminal.expect(/Ready/);
    assert.equal(await terminal.ended(), 0);
    assert.match(await profileOf(bench.home), /^ {2}port: 8443$/m);
    assert.match(terminal.text(), /ops@example\.com/);
  },
);

terminalTest(
  "admin setup asks again after a wrong answer, and says what is wrong",
  async (bench) => {
    await using terminal = bench.open("admin", "setup");
    await terminal.expect(/Email/);
    await terminal.type("nobody\r");
    await terminal.expect(/Cannot use "nobody" as an email[^]*Email of the operator/);
    await terminal.type("ops@example.com\r");
    await terminal.expect(/Port/);
    await terminal.type("eighty\r");
    await terminal.expect(/Cannot use "eighty"[^]*Port \[8080\]: /);
    await terminal.type("99999\r");
    await terminal.expect(/Cannot use "99999"[^]*Port \[8080\]: /);
    await terminal.type("\r");
    await terminal.expect(/URL of/);
    await terminal.type("mysql://root:hunter22@db/x\r");
    await terminal.expect(/The database URL cannot be used[^]*URL of an external PostgreSQL/);
    await terminal.type("\r");
    await terminal.expect(/Ready/);
    assert.equal(await terminal.ended(), 0);
    assert.doesNotMatch(await profileOf(bench.home), /mysql|99999/);
  },
);

terminalTest(
  "Ctrl-C at any question of admin setup ends it, and nothing was written",
  async (bench) => {
    for (const answers of [[], ["ops@example.com"], ["ops@example.com", "8443"]]) {
      await using terminal = bench.open("admin", "setup");
      for (const answer of answers) {
        await terminal.expect(/]: /);
        await terminal.type(`${answer}\r`);
      }
      await terminal.expect(/]: /);
      await terminal.type("\x03");
      assert.equal(await terminal.ended(), 130);
      assert.deepEqual(await namesIn(bench.home), []);
    }
  },
);

terminalTest("the end of input takes the proposals", async (bench) => {
  await using terminal = bench.open("admin", "setup");
  await terminal.expect(/Email/);
  await terminal.type("\x04");
  await terminal.expect(/Port/);
  await terminal.type("\x04");
  await terminal.expect(/URL of/);
  await terminal.type("\x04");
  await terminal.expect(/Ready/);
  assert.equal(await terminal.ended(), 0);
  assert.match(await profileOf(bench.home), /port: 8080/);
});

terminalTest(
  "a question before something is destroyed takes a no, Enter and Ctrl-C for no",
  async (bench) => {
    const users = ["admin", "users"];
    {
      await using made = bench.open(
        ...users,
        "create",
        "--name",
        "ada",
        "--email",
        "ada@example.com",
      );
      assert.equal(await made.ended(), 0);
    }
    for (const [keys, status] of [["n\r", 1], ["\r", 1], ["\x03", 130], ["y\r", 0]] as const) {
      await using terminal = bench.open(...users, "delete", "ada");
      await terminal.expect(/Delete the user ada .*\[y\/N\] /);
      await terminal.type(keys);
      assert.equal(await terminal.ended(), status, JSON.stringify(keys));
      if (status === 1) assert.match(terminal.text(), /Cancelled: nothing was changed/);
    }
    await using gone = bench.open(...users, "show", "ada");
    assert.equal(await gone.ended(), 3, gone.text());
  },
);

terminalTest(
  "a password is asked for twice, shown never, and kept only when both agree",
  async (bench) => {
    const password = "lamp orbit velvet";
    const users = ["admin", "users"];
    {
      await using made = bench.open(...users, "create", "--name=ada", "--email=ada@example.com");
      assert.equal(await made.ended(), 0);
    }
    const attempts = [
      [[`${password}\r`, "another one\r"], 5, /the two are not the same/],
      [["short\r", "short\r"], 5, /shorter than 12/],
      [["\x03"], 1, /Cancelled: nothing was changed/],
      [[`${password}\r`, "\x04"], 1, /Cancelled: nothing was changed/],
      [[`${password}x\x7f\r`, `${password}\r`], 0, /Set the password of ada/],
    ] as const;
    for (const [answers, status, says] of attempts) {
      await using terminal = bench.open(...users, "password", "set", "ada");
      for (const [i, answer] of answers.entries()) {
        await terminal.expect(i === 0 ? /New password of ada \(not shown\): / : /The same again: /);
        await terminal.type(answer);
      }
      assert.equal(await terminal.ended(), status, terminal.text());
      assert.match(terminal.text(), says);
      assert.ok(!terminal.text().includes("velvet"));
    }
  },
);

terminalTest("without a terminal nothing is asked", async ({ home }) => {
  const { code, stdout, stderr } = await spgov(["admin", "setup", "--dry-run", "--home", home]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /Email of the operator \[/);
});
