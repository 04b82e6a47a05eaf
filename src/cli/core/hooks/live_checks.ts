import { AppError } from "../../../kernel/errors.ts";
import type { FoundHook, HookProblem } from "../../../plugins/mod.ts";
import { inspectToken } from "../../admin/session/inspect.ts";
import type { CliContext } from "../../context.ts";
import { fetchDirect } from "../../direct_fetch.ts";
import { findAddress } from "./address.ts";

const PATIENCE_MS = 3000;
const OTHERS_READ = 0o077;
const DAY_MS = 86_400_000;

type Finding = Omit<HookProblem, "event">;

/** Who else can read the tokens in a file, and whether it is one that is committed. */
export async function fileProblems(
  { scope, path }: { readonly scope: string; readonly path: string },
  hooks: readonly FoundHook[],
): Promise<HookProblem[]> {
  const holder = hooks.find(({ token }) => token !== undefined);
  if (!holder) return [];
  const found: Finding[] = [];
  const mode = (await Deno.stat(path)).mode ?? 0;
  if ((mode & OTHERS_READ) !== 0) {
    const message = `The file holds a token and others may read it: chmod 600 "${path}"`;
    found.push({ severity: "warning", rule: "readable_token", message });
  }
  if (scope === "project" || scope === "file") {
    const message = "The file holds a token and is of the kind that is committed";
    found.push({ severity: "warning", rule: "shared_token", message });
  }
  return found.map((one) => ({ ...one, event: undefined }));
}

/** Whether somebody answers where the hooks call. Each address is asked once. */
export async function addressProblems(
  context: CliContext,
  hooks: readonly FoundHook[],
): Promise<HookProblem[]> {
  const here = await findAddress(context);
  const origins = new Map(hooks.toReversed().map((hook) => [originOf(hook), hook]));
  const found = await Promise.all([...origins].map(async ([origin, { event }]) => {
    const finding = origin === undefined
      ? error("invalid_url", "The hook has no address that can be called")
      : await reachProblem(origin, here.url, here.isRunning);
    return finding ? [{ ...finding, event }] : [];
  }));
  return found.flat();
}

function originOf({ url }: FoundHook): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.origin : undefined;
}

async function reachProblem(
  origin: string,
  here: string,
  isRunning: boolean,
): Promise<Finding | undefined> {
  const where = origin === new URL(here).origin ? "" : `; the appliance of this home is at ${here}`;
  try {
    const response = await fetchDirect(`${origin}/readyz`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { status } = await response.json();
    if (response.ok && status === "ok") return undefined;
    return error("not_ready", `${origin} answers, but is not ready to decide${where}`);
  } catch {
    const hint = isRunning || where !== "" ? where : ': "spgov start" starts the appliance';
    return error("unreachable", `Nobody answers at ${origin}${hint}`);
  }
}

/** Whether the tokens open what they are sent to. Each token is checked once. */
export async function tokenProblems(
  context: CliContext,
  hooks: readonly FoundHook[],
): Promise<HookProblem[]> {
  const tokens = new Map<string, FoundHook>();
  const found: HookProblem[] = [];
  for (const hook of hooks) {
    const unset = hook.variables.find((name) => !context.env[name]);
    const [variable] = hook.variables;
    const token = hook.token ?? (variable === undefined ? undefined : context.env[variable]);
    if (unset !== undefined && hook.type === "http") {
      const message = `The variable ${unset} is not set here: the client must have it`;
      found.push({ severity: "warning", rule: "variable_not_set", event: hook.event, message });
    } else if (token !== undefined && !tokens.has(token)) tokens.set(token, hook);
  }
  for (const [token, { event }] of tokens) {
    const finding = await tokenProblem(context, token);
    if (finding) found.push({ ...finding, event });
  }
  return found;
}

async function tokenProblem(context: CliContext, token: string): Promise<Finding | undefined> {
  try {
    const { valid, rule, reason, claims } = await inspectToken(context, token);
    if (!valid) return error(`token_${rule}`, `${reason}: every call is refused`);
    if (claims?.aud !== "hook") {
      return error("token_wrong_audience", `The token is for ${claims?.aud}, not for hooks`);
    }
    const left = claims.exp * 1000 - context.clock.now();
    if (left > 3 * DAY_MS) return undefined;
    const at = new Date(claims.exp * 1000).toISOString();
    return { severity: "warning", rule: "token_expires", message: `The token expires ${at}` };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const message = `The token could not be checked: ${thrown.message}`;
    return { severity: "warning", rule: "token_unchecked", message };
  }
}

function error(rule: string, message: string): Finding {
  return { severity: "error", rule, message };
}
