import { type Tier, TIER_RANK } from "../../kernel/tiers.ts";
import type { Call } from "../call.ts";
import type { CedarEngine } from "./engine.ts";
import type { Features } from "./features.ts";

type CedarCall = Parameters<CedarEngine["statefulIsAuthorized"]>[0];
type Entity = CedarCall["entities"][number];

const MAX_FIELDS = 4096;
const MAX_PATH = 4096;
const MAX_TOTAL = 1024 * 1024;
const MAX_DEPTH = 16;
const INPUT = { type: "Input", id: "input" };

/**
 * The scalar fields of a call's input as text, by path; `complete` is false when some were left out, or
 * when two have the same path (`{"a.b": 1, "a": {"b": 2}}`).
 */
export interface InputFields {
  readonly tags: Readonly<Record<string, string>>;
  readonly complete: boolean;
}

/** What Cedar is asked about a call: only what the policies look at. */
export function toCedarCall(
  call: Call,
  tier: Tier,
  slot: string,
  features: Features,
  fields: InputFields | undefined,
): CedarCall {
  const action = { type: "Action", id: actionOf(call) };
  const principal = { type: "User", id: features.user ? call.userId : "*" };
  const resource = { type: "Tool", id: call.target };
  return {
    principal,
    action,
    resource,
    context: contextOf(call, tier, features, fields),
    preparsedPolicySetId: slot,
    entities: [
      principalEntity(principal, call, tier),
      resourceEntity(resource, call),
      ...(fields ? [{ uid: INPUT, attrs: {}, parents: [], tags: { ...fields.tags } }] : []),
    ],
  };
}

/** Two calls with the same key get the same answer; undefined where the input counts. */
export function cacheKey(call: Call, tier: Tier, features: Features): string | undefined {
  if (features.input) return undefined;
  return JSON.stringify([
    tier,
    actionOf(call),
    call.target,
    call.surface,
    call.agent,
    call.plugin,
    call.departments,
    call.groups,
    features.user && call.userId,
    features.session && call.sessionId,
    features.hour && hourOf(call),
  ]);
}

/** Which of the schema's actions a call is. */
export function actionOf(call: Pick<Call, "target" | "event">): string {
  if (call.event === "PermissionRequest") return "request_permission";
  if (call.target === "prompt") return "submit_prompt";
  return call.target.startsWith("model:") ? "call_model" : "call_tool";
}

function principalEntity(uid: Entity["uid"], call: Call, tier: Tier): Entity {
  const parents: { type: string; id: string }[] = [{ type: "Role", id: tier }];
  for (const id of call.departments) parents.push({ type: "Department", id });
  for (const id of call.groups) parents.push({ type: "Group", id });
  if (call.agent !== undefined) parents.push({ type: "Agent", id: call.agent });
  return { uid, attrs: { tier, rank: TIER_RANK[tier] }, parents };
}

function resourceEntity(uid: Entity["uid"], call: Call): Entity {
  const { server, name } = partsOf(call.target);
  const parents = server === "" ? [] : [{ type: "Server", id: server }];
  return { uid, attrs: { server, name, surface: call.surface }, parents };
}

/** `mcp:github/create_issue` is server `github`, name `create_issue`; `tool:Bash` has no server. */
function partsOf(target: string): { readonly server: string; readonly name: string } {
  const rest = target.slice(target.indexOf(":") + 1);
  const slash = rest.indexOf("/");
  return slash < 0
    ? { server: "", name: rest }
    : { server: rest.slice(0, slash), name: rest.slice(slash + 1) };
}

function contextOf(
  call: Call,
  tier: Tier,
  features: Features,
  fields: InputFields | undefined,
): CedarCall["context"] {
  return {
    tier,
    surface: call.surface,
    ...(call.agent === undefined ? {} : { agent: call.agent }),
    ...(call.plugin === undefined ? {} : { plugin: call.plugin }),
    ...(call.department === undefined ? {} : { department: call.department }),
    ...(features.session ? { session: call.sessionId } : {}),
    ...(features.hour ? { hour_utc: hourOf(call) } : {}),
    ...(fields ? { input: { __entity: INPUT }, input_complete: fields.complete } : {}),
  };
}

function hourOf(call: Call): number {
  return new Date(call.receivedAt).getUTCHours();
}

/** Collects scalar fields, `a.b[0]` by path, within bounds. */
export function inputFields(input: unknown): InputFields {
  const tags: Record<string, string> = Object.create(null);
  let complete = true;
  let count = 0;
  let total = 0;
  const stack: { value: unknown; path: string; depth: number }[] = [
    { value: input, path: "", depth: 0 },
  ];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { value, path, depth } = item;
    if (typeof value === "object" && value !== null) {
      if (depth >= MAX_DEPTH || stack.length > MAX_FIELDS) complete = false;
      else stack.push(...childrenOf(value, path, depth + 1));
      continue;
    }
    if (value === null || value === undefined) continue;
    const text = String(value);
    const name = path === "" ? "value" : path;
    total += text.length;
    if (count++ >= MAX_FIELDS || total > MAX_TOTAL || name in tags) complete = false;
    else tags[name] = text.toWellFormed();
  }
  return { tags, complete };
}

function childrenOf(
  value: object,
  path: string,
  depth: number,
): { value: unknown; path: string; depth: number }[] {
  const entries = Array.isArray(value)
    ? value.slice(0, MAX_FIELDS + 1).map((item, i) => [`[${i}]`, item] as const)
    : Object.entries(value).slice(0, MAX_FIELDS + 1).map(([key, item]) =>
      [path === "" ? key : `.${key}`, item] as const
    );
  return entries.map(([key, item]) => ({
    value: item,
    path: `${path}${key}`.slice(0, MAX_PATH).toWellFormed(),
    depth,
  })).reverse();
}
