import type { Failure } from "../../governance/mod.ts";
import type { PinProblem } from "../tool_book.ts";
import type { Core } from "./core.ts";
import type { Exchange } from "./exchange.ts";
import { uriProblem } from "./resource_uri.ts";
import { asideOf, missingScopes, type Route } from "./route.ts";
import type { Upstream } from "./upstream.ts";

/** What speaks against a call whatever the server offers. */
export function plainProblem(core: Core, exchange: Exchange, route: Route): Failure | undefined {
  const { server, kind, name } = route;
  const missing = missingScopes(exchange.caller, server, kind === "tool" ? name : undefined);
  if (missing.length > 0) {
    const reason = `The token does not have the scope "${missing.join(" ")}"`;
    return { policy: "scope_restriction", rule: "oauth_scope", reason };
  }
  if (kind === "tool" && Object.hasOwn(server.tools, name) && !server.tools[name]?.enabled) {
    const reason = `Tool "${name}" of server "${server.name}" is switched off`;
    return { policy: "tool_blocklist", rule: "tool_disabled", reason };
  }
  if (kind === "resource" && uriProblem(name) === "malformed") {
    const reason = "The resource's address is malformed";
    return { policy: "invalid_request", rule: "resource_uri", reason };
  }
  return asideProblem(core, route);
}

/** What goes along with a call must hold no credential either. */
function asideProblem(core: Core, route: Route): Failure | undefined {
  const aside = asideOf(route);
  if (Object.keys(aside).length === 0 || core.asides.isClean(core.scanner(), aside)) {
    return undefined;
  }
  const { findings, exhausted } = core.scanner().scan(aside, "$.params");
  const rule = findings[0]?.kind ?? (exhausted ? "scan_budget" : undefined);
  if (rule === undefined) return undefined;
  const reason = findings[0]
    ? `A secret of kind ${rule} at ${findings[0].path}`
    : "The request is too large to be searched for secrets";
  return { policy: "secret_detection", rule, reason };
}

/** Whether the decision about a route takes knowing what its server offers. */
export function takesKnowing({ server, kind, name }: Route): boolean {
  if (kind === "tool") return server.pinning === "enforce";
  return kind === "resource" && uriProblem(name) !== undefined;
}

/** What speaks against a call in what the server offers. */
export async function knowledgeProblem(
  core: Core,
  { client }: Exchange,
  { server, kind, name }: Route,
  upstream: Upstream,
): Promise<Failure | undefined> {
  if (kind === "tool") {
    const { hashes } = await core.sight.tools(server, upstream, client);
    const problem = await core.book.problemOf(server.name, name, hashes);
    return problem && {
      policy: problem === "unknown" ? "invalid_request" : "tool_blocklist",
      rule: problem === "unknown" ? "unknown_tool" : `pin_${problem}`,
      reason: PIN_REASONS[problem](server.name, name),
    };
  }
  // A path that climbs must be listed as it is; a template would match it whatever it climbs to.
  const exactly = uriProblem(name) !== "file";
  if (await core.sight.offers(upstream, client, name, exactly)) return undefined;
  return {
    policy: "tool_blocklist",
    rule: exactly ? "resource_traversal" : "resource_file",
    reason: `Server "${server.name}" does not offer this address`,
  };
}

const PIN_REASONS: Readonly<Record<PinProblem, (server: string, tool: string) => string>> = {
  changed: (server, tool) =>
    `Tool "${tool}" of server "${server}" is not as it was approved; an operator has to approve it`,
  unapproved: (server, tool) => `Tool "${tool}" of server "${server}" was not approved yet`,
  unknown: (server, tool) => `Server "${server}" offers no tool "${tool}"`,
};
