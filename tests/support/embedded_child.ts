/**
 * Holds an embedded server in a process of its own, for tests that kill or outlive it. Arguments: `start` or
 * `borrow`, then the home. Prints the server's number; gives it up when its input ends.
 */
import { borrowEmbedded, findEmbedded, startEmbedded } from "../../src/postgres/mod.ts";
import { smallServer } from "./embedded_home.ts";

async function inputEnds(): Promise<void> {
  for await (const _ of Deno.stdin.readable) {
    // Nothing is said to us.
  }
}

async function hold(way: string, home: string): Promise<() => Promise<void>> {
  if (way === "start") {
    const server = await startEmbedded(smallServer(home));
    return () => server.stop();
  }
  const borrowed = await borrowEmbedded(smallServer(home));
  return () => borrowed.release();
}

const [way = "", home = ""] = Deno.args;
const giveUp = await hold(way, home);
const found = await findEmbedded(home);
await Deno.stdout.write(new TextEncoder().encode(found ? "ready\n" : "absent\n"));
await inputEnds();
await giveUp();
