// deno-lint-ignore-file explicit-module-boundary-types -- run by Node.js
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.MCP_PEERS}/package.json`);

/** A module of a peer. */
export function load(specifier) {
  return import(pathToFileURL(require.resolve(specifier)));
}

/** Reads what to do from standard input, does it, prints what came of it as one line. */
export async function play(open) {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  const script = JSON.parse(text);
  const [asked, heard] = [[], []];
  const answer = (method) => script.answers[method] ?? { action: "decline" };
  const peer = open(script, { asked, heard, answer });
  const told = { results: [], asked, heard };
  try {
    await peer.connect();
    Object.assign(told, peer.about());
    for (const step of script.steps) told.results.push(await take(peer, step, heard));
    await peer.close();
  } catch (error) {
    told.error = describe(error);
  }
  process.stdout.write(JSON.stringify(told) + "\n", () => process.exit(0));
}

async function take(peer, { method, params, list, cancelAfterMs }, heard) {
  try {
    if (list) return { ok: true, value: await listAll(peer, method, list) };
    const signal = cancelAfterMs === undefined ? undefined : AbortSignal.timeout(cancelAfterMs);
    const onprogress = (progress) => void heard.push({ method: "progress", params: progress });
    return { ok: true, value: await peer.request(method, params, { signal, onprogress }) };
  } catch (error) {
    return { ok: false, error: describe(error) };
  }
}

/** Every page. */
async function listAll(peer, method, key) {
  const found = [];
  let cursor;
  for (let pages = 0; pages < 100; pages++) {
    const page = await peer.request(method, cursor === undefined ? {} : { cursor });
    found.push(...page[key]);
    cursor = page.nextCursor;
    if (cursor === undefined) return found;
  }
  throw new Error("A list without an end");
}

function describe(error) {
  return { name: error.name, code: error.code, message: error.message, data: error.data };
}
