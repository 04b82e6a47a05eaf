import { SUBSCRIPTION_ID_META_KEY } from "@modelcontextprotocol/server";
import type { Core } from "./core.ts";
import { describe } from "./describe.ts";
import type { Exchange } from "./exchange.ts";
import { visibleServers } from "./lists.ts";
import { objectAt, type Params, type Reply, type RpcNotification } from "./message.ts";
import type { ModernAnswer } from "./modern_answer.ts";
import { Subscriptions } from "./subscriptions.ts";

/** One stream of what changes, as long as the client listens. Resolves when it does not any more. */
export async function listen(
  core: Core,
  exchange: Exchange,
  answer: Pick<ModernAnswer, "notify">,
): Promise<Reply> {
  const { id, params } = exchange.request;
  const wanted = objectAt(params, "notifications");
  const tell = ({ method, params: told }: RpcNotification): void => {
    if (!isWanted(wanted, method)) return;
    exchange.notify({
      jsonrpc: "2.0",
      method,
      params: { ...told, _meta: { ...objectAt(told, "_meta"), [SUBSCRIPTION_ID_META_KEY]: id } },
    });
  };
  const subscriptions = new Subscriptions(core, tell);
  try {
    const { capabilities } = await describe(core, exchange);
    const honored = await take(core, exchange, subscriptions, wanted, capabilities);
    answer.notify({
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: { notifications: honored, _meta: { [SUBSCRIPTION_ID_META_KEY]: id } },
    });
    if (Object.keys(honored).length > 0) await aborted(exchange.signal);
    return { result: { resultType: "complete", _meta: { [SUBSCRIPTION_ID_META_KEY]: id } } };
  } finally {
    subscriptions.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

const LIST_FILTERS = [
  ["toolsListChanged", "notifications/tools/list_changed", "tools"],
  ["promptsListChanged", "notifications/prompts/list_changed", "prompts"],
  ["resourcesListChanged", "notifications/resources/list_changed", "resources"],
] as const;

/** Subscribes to what is asked for and can be had; answers that. */
async function take(
  core: Core,
  exchange: Exchange,
  subscriptions: Subscriptions,
  wanted: Params,
  capabilities: Params,
): Promise<Params> {
  const honored: Record<string, unknown> = {};
  for (const [filter, , capability] of LIST_FILTERS) {
    const offered = objectAt(capabilities, capability)["listChanged"] === true;
    if (wanted[filter] === true && offered) honored[filter] = true;
  }
  if (Object.keys(honored).length > 0) {
    await subscriptions.watchLists(exchange, visibleServers(core, exchange));
  }
  const uris: unknown = wanted["resourceSubscriptions"];
  const watched: string[] = [];
  for (const uri of Array.isArray(uris) ? uris.slice(0, 1000) : []) {
    if (typeof uri !== "string") continue;
    const reply = await subscriptions.add(exchange, uri);
    if ("result" in reply) watched.push(uri);
  }
  return watched.length > 0 ? { ...honored, resourceSubscriptions: watched } : honored;
}

function isWanted(wanted: Params, method: string): boolean {
  if (method === "notifications/resources/updated") return true;
  return LIST_FILTERS.some(([filter, name]) => name === method && wanted[filter] === true);
}
