import assert from "node:assert/strict";
import { findService, type ServiceRecord, writeServiceRecord } from "./service_file.ts";

const LINUX = Deno.build.os === "linux";

function recordOf(pid: number): ServiceRecord {
  return {
    pid,
    url: "http://127.0.0.1:1",
    port: 1,
    version: "0",
    startedAt: new Date(0).toISOString(),
    database: "embedded",
    gateways: 1,
  };
}

async function inFolder(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/service.json`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a service that runs is found, whatever the times of its files say", async () => {
  await inFolder(async (path) => {
    await writeServiceRecord(path, recordOf(Deno.pid));
    assert.deepEqual(await findService(path), recordOf(Deno.pid));
  });
});

Deno.test({
  name: "a later process with the number of a service is none",
  ignore: !LINUX,
  async fn() {
    await inFolder(async (path) => {
      await writeServiceRecord(path, recordOf(Deno.pid));
      const stored = JSON.parse(await Deno.readTextFile(path));
      await Deno.writeTextFile(path, JSON.stringify({ ...stored, birth: `${stored.birth}0` }));
      assert.equal(await findService(path), undefined);
    });
  },
});

Deno.test("the record of a process that ended is none", async () => {
  await inFolder(async (path) => {
    const child = new Deno.Command("true").spawn();
    await child.status;
    await writeServiceRecord(path, recordOf(child.pid));
    assert.equal(await findService(path), undefined);
  });
});
