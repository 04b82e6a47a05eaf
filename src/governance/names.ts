import type { Caller, Request } from "./call.ts";
import type { SecretScanner } from "./secrets/mod.ts";

/** Names that are remembered to hold nothing: the same few come with every call. */
const REMEMBERED = 4096;

/** A caller and a request whose names may be kept. */
export interface SafeNames {
  readonly caller: Caller;
  readonly request: Request;
}

/** Looks for secrets in the names that a client gives: they become columns, which no stage looks at. */
export type CheckNames = (scanner: SecretScanner, caller: Caller, request: Request) => SafeNames;

/** Makes the check. A name that holds a secret is redacted, and the call fails for it. */
export function createNameCheck(): CheckNames {
  const clean = new Set<string>();
  let cleanFor: SecretScanner | undefined;

  function isClean(scanner: SecretScanner, name: string): boolean {
    if (clean.has(name)) return true;
    const { findings, exhausted } = scanner.scan(name, "$");
    if (findings.length > 0 || exhausted) return false;
    if (clean.size >= REMEMBERED) clean.clear();
    clean.add(name);
    return true;
  }

  return (scanner, caller, request) => {
    if (cleanFor !== scanner) clean.clear();
    cleanFor = scanner;
    const { taskId, contextId } = caller.correlation;
    const names = [taskId, contextId, request.event, request.target, request.tool];
    if (request.agent !== undefined) names.push(request.agent);
    if (request.plugin !== undefined) names.push(request.plugin);
    if (names.every((name) => isClean(scanner, name))) return { caller, request };
    return redactNames(scanner, caller, request);
  };
}

function redactNames(scanner: SecretScanner, caller: Caller, request: Request): SafeNames {
  const kinds: string[] = [];
  const safe = (name: string): string => {
    const { value, findings } = scanner.redact(name, "$");
    kinds.push(...findings.map(({ kind }) => kind));
    return String(value);
  };
  const { taskId, contextId } = caller.correlation;
  const correlation = { ...caller.correlation, taskId: safe(taskId), contextId: safe(contextId) };
  const renamed = {
    ...request,
    event: safe(request.event),
    target: safe(request.target),
    tool: safe(request.tool),
    agent: request.agent === undefined ? undefined : safe(request.agent),
    plugin: request.plugin === undefined ? undefined : safe(request.plugin),
  };
  const reason = `A name in the request holds a secret of kind ${kinds[0] ?? "unknown"}`;
  const failure = { policy: "secret_detection", rule: kinds[0] ?? "name", reason } as const;
  return {
    caller: { ...caller, correlation, failure: caller.failure ?? failure },
    request: renamed,
  };
}
