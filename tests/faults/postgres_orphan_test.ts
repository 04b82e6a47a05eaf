import assert from "node:assert/strict";
import { borrowEmbedded, findEmbedded, startEmbedded } from "../../src/postgres/mod.ts";
import { AppError } from "../../src/kernel/errors.ts";
import {
  ask,
  holdElsewhere,
  type HomeMaker,
  isRunning,
  killServer,
  makeHomes,
  postmasterOf,
  smallServer,
} from "../support/embedded_home.ts";

let homes: HomeMaker;
Deno.test.beforeAll(async () => {
  homes = await makeHomes();
});
Deno.test.afterAll(() => homes.remove());

Deno.test("the server outlives a killed service, and the next one adopts and stops it", async () => {
  const home = await homes.make();
  const service = await holdElsewhere("start", home);
  const pid = await postmasterOf(home);
  await service.kill();
  assert.equal(await isRunning(pid), true);
  const next = await startEmbedded(smallServer(home));
  assert.deepEqual([next.adopted, next.pid], [true, pid]);
  const [row] = await ask(next.addresses.owner, (sql) => sql`select n from kept`);
  assert.equal(row?.n, 1);
  await next.stop();
  await next.exited;
  assert.equal(await isRunning(pid), false);
  assert.equal(await findEmbedded(home), undefined);
});

Deno.test("a server left behind that answers nobody is replaced", async () => {
  const home = await homes.make();
  const service = await holdElsewhere("start", home);
  const pid = await postmasterOf(home);
  await service.kill();
  Deno.kill(pid, "SIGSTOP");
  const next = await startEmbedded(smallServer(home));
  try {
    assert.equal(next.adopted, false);
    assert.equal(await isRunning(pid), false);
    const [row] = await ask(next.addresses.owner, (sql) => sql`select n from kept`);
    assert.equal(row?.n, 1);
  } finally {
    await next.stop();
  }
});

Deno.test("an adopted server that is killed is noticed", async () => {
  const home = await homes.make();
  const service = await holdElsewhere("start", home);
  await service.kill();
  const next = await startEmbedded(smallServer(home));
  assert.equal(next.adopted, true);
  await killServer(next.pid);
  await next.exited;
  await next.stop();
  const third = await startEmbedded(smallServer(home));
  assert.equal(third.adopted, false);
  await third.stop();
});

Deno.test("commands share a server, and the last one stops it", async () => {
  const home = await homes.make();
  const starter = await holdElsewhere("borrow", home);
  const pid = await postmasterOf(home);
  const mine = await borrowEmbedded(smallServer(home));
  assert.equal(await starter.finish(), 0);
  assert.equal(await isRunning(pid), true, "one command still uses it");
  const [row] = await ask(mine.addresses.serve, (sql) => sql`select current_user as me`);
  assert.equal(row?.me, "spgov_serve");
  await mine.release();
  assert.equal(await isRunning(pid), false);
});

Deno.test("a command beside a service neither starts nor stops a server, nor takes the home", async () => {
  const home = await homes.make();
  const service = await startEmbedded(smallServer(home));
  try {
    const borrowed = await borrowEmbedded(smallServer(home));
    assert.equal(borrowed.addresses.owner.host, service.socketDir);
    await assert.rejects(
      startEmbedded(smallServer(home)),
      (error) => error instanceof AppError && error.code === "conflict",
    );
    await borrowed.release();
    assert.equal(await isRunning(service.pid), true);
  } finally {
    await service.stop();
  }
});

Deno.test("a service takes over what a command started, and keeps it", async () => {
  const home = await homes.make();
  const command = await holdElsewhere("borrow", home);
  const service = await startEmbedded(smallServer(home));
  try {
    assert.equal(service.adopted, true);
    assert.equal(await command.finish(), 0);
    assert.equal(await isRunning(service.pid), true);
  } finally {
    await service.stop();
  }
});

Deno.test("a command does not stop a service's server that does not answer", async () => {
  const home = await homes.make();
  const service = await startEmbedded(smallServer(home));
  try {
    Deno.kill(service.pid, "SIGSTOP");
    await assert.rejects(
      borrowEmbedded(smallServer(home)),
      (error) => error instanceof AppError && error.code === "unavailable",
    );
    Deno.kill(service.pid, "SIGCONT");
    const [row] = await ask(service.addresses.owner, (sql) => sql`select n from kept`);
    assert.equal(row?.n, 1);
  } finally {
    await service.stop();
  }
});
