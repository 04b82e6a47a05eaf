import assert from "node:assert/strict";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { openPool } from "../../src/db/mod.ts";
import { startEmbedded } from "../../src/postgres/mod.ts";
import { AppError } from "../../src/kernel/errors.ts";
import { ask, makeTemp, smallServer } from "../support/embedded_home.ts";

const MEGABYTE = 1024 * 1024;

async function mount(...args: string[]): Promise<boolean> {
  return await new Deno.Command("mount", { args, stdout: "null", stderr: "null" }).output()
    .then(({ success }) => success, () => false);
}

async function unmount(folder: string): Promise<void> {
  await new Deno.Command("umount", { args: [folder] }).output();
  await Deno.remove(folder);
}

/** A small file system of its own; undefined where we may not mount one. */
async function makeVolume(megabytes: number): Promise<string | undefined> {
  const folder = await makeTemp();
  const options = `size=${megabytes}m,mode=755`;
  if (await mount("-t", "tmpfs", "-o", options, "tmpfs", folder)) return folder;
  await Deno.remove(folder);
  return undefined;
}

/** Takes the room of a volume, except for `leave` bytes. */
async function fill(volume: string, leave: number): Promise<void> {
  const { bavail, bsize } = await statfs(volume);
  const path = join(volume, `filler-${crypto.randomUUID()}`);
  const block = new Uint8Array(64 * 1024);
  using file = await Deno.open(path, { write: true, create: true });
  try {
    for (let left = bavail * bsize - leave; left > 0; left -= block.length) await file.write(block);
  } catch {
    // Full.
  }
}

const canMount = await makeVolume(1).then(async (folder) => {
  if (folder) await unmount(folder);
  return folder !== undefined;
});

Deno.test({
  name: "on a full disk nothing confirmed is lost, and deleting the ballast lets it start again",
  ignore: !canMount,
  async fn() {
    const volume = await makeVolume(220);
    assert.ok(volume);
    try {
      const options = { ...smallServer(join(volume, "home")), ballastMb: 20 };
      const first = await startEmbedded(options);
      const ballast = join(volume, "home", "postgres", "ballast");
      assert.equal((await Deno.stat(ballast)).size, 20 * MEGABYTE);
      await fill(volume, 12 * MEGABYTE);
      const sql = openPool(first.addresses.owner, { max: 1, applicationName: "fault test" });
      await sql`create table kept (n int, x bytea)`;
      await sql`alter table kept alter column x set storage external`;
      let confirmed = 0;
      const filling = async () => {
        for (;;) {
          await sql`insert into kept values (${confirmed}, ${
            crypto.getRandomValues(new Uint8Array(60_000))
          })`;
          confirmed++;
        }
      };
      await assert.rejects(filling());
      assert.ok(confirmed > 0);
      await sql.end({ timeout: 1 });
      await first.stop("immediate");
      await fill(volume, 0);
      await assert.rejects(startEmbedded(options), (error) => {
        assert.ok(error instanceof AppError && error.code === "unavailable");
        assert.match(error.message, /No space left on device/);
        assert.ok(error.hint?.includes(ballast), error.hint);
        return true;
      });
      await Deno.remove(ballast);
      const second = await startEmbedded(options);
      try {
        const [row] = await ask(
          second.addresses.owner,
          (sql) => sql`select count(*) as n from kept`,
        );
        assert.equal(row?.n, confirmed);
      } finally {
        await second.stop();
      }
    } finally {
      await unmount(volume);
    }
  },
});
