import assert from "node:assert/strict";
import { keepIsolate } from "../../src/isolates/kept.ts";
import type { Isolate } from "../../src/isolates/spawn.ts";
import { connect } from "../../src/kernel/rpc.ts";
import { createLog } from "../../src/kernel/log.ts";
import { pause } from "../support/fault_load.ts";

interface Api {
  crash(): void;
  name(): string;
  stop(): Promise<void>;
}

const SOURCE = `
  import { serve } from "${new URL("../../src/kernel/rpc.ts", import.meta.url).href}";
  serve(self, {
    crash: () => { setTimeout(() => { throw new Error("planted"); }, 0); },
    name: () => self.name,
    stop: () => {},
  });
`;

/** A real isolate that fails when it is told to. */
function spawn(path: string, name: string): Isolate<Api> {
  const worker = new Worker(`file://${path}`, { type: "module", name });
  const { remote, abort } = connect<Api>(worker);
  const crashed = Promise.withResolvers<string>();
  worker.onerror = (event) => {
    event.preventDefault();
    abort("gone");
    crashed.resolve(event.message);
  };
  return { name, remote, crashed: crashed.promise, terminate: () => worker.terminate() };
}

Deno.test("an isolate that fails is started again until it starts, and says so", async () => {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(path, SOURCE);
  const lines: string[] = [];
  const log = createLog({ module: "test", write: (line) => lines.push(line) });
  let starts = 0;
  const kept = await keepIsolate("egress", () => {
    if (++starts === 2) return Promise.reject(new Error("the database is away"));
    return Promise.resolve(spawn(path, `egress-${starts}`));
  }, log);
  try {
    assert.equal(await kept.current.remote.name(), "egress-1");
    const first = kept.current;
    await kept.current.remote.crash();
    while (kept.current === first) await pause(10);
    assert.equal(await kept.current.remote.name(), "egress-3");
    await assert.rejects(first.remote.name());
    assert.match(lines.join(""), /planted.*the database is away.*is back/s);
  } finally {
    await kept.stop();
    await Deno.remove(path);
  }
  await pause(50);
  assert.equal(starts, 3, "it was started again after it was stopped");
});
