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

  function isKnown(scanner: SecretScanner, name: string | undefined): boolean {
    if (name === undefined || clean.has(name)) return true;
    if (!isClean(scanner, name)) return false;
    if (clean.size >= REMEMBERED) clean.clear();
    clean.add(name);
    return true;
  }

  return (scanner, caller, request) => {
    if (cleanFor !== scanner) clean.clear();
    cleanFor = scanner;
    const { taskId, contextId } = caller.correlation;
    // The task's name is another one each time: nothing to remember.
    const safe = isClean(scanner, taskId) && isKnown(scanner, contextId) &&
      isKnown(scanner, request.event) && isKnown(scanner, request.target) &&
      isKnown(scanner, request.tool) && isKnown(scanner, request.agent) &&
      isKnown(scanner, request.plugin);
    return safe ? { caller, request } : redactNames(scanner, caller, request);
  };
}

function isClean(scanner: SecretScanner, name: string): boolean {
  const { findings, exhausted } = scanner.scan(name, "$");
  return findings.length === 0 && !exhausted;
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
