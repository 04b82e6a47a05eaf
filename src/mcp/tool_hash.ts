import { createHash } from "node:crypto";
import { canonicalJson } from "../kernel/canonical_json.ts";

/** A tool as a server describes it. Only `name` is certain. */
export interface ToolDefinition {
  readonly name: string;
  readonly [member: string]: unknown;
}

/** What of a tool a model or a client acts on, and what is therefore pinned. */
const PINNED = [
  "name",
  "title",
  "description",
  "inputSchema",
  "outputSchema",
  "annotations",
  "execution",
  "icons",
  "_meta",
] as const;

/** The part of a definition that is pinned. */
export function pinnedPart(tool: ToolDefinition): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    PINNED.filter((key) => tool[key] !== undefined).map((key) => [
      key,
      tool[key],
    ]),
  );
}

/**
 * SHA-256 over the canonical JSON of what is pinned and of who offers it: the configured name of the
 * server and the name that it gives itself. Its version is left out: a release alone changes no tool.
 */
export function hashTool(tool: ToolDefinition, server: string, identity: string): string {
  const pinned = canonicalJson({ identity, server, tool: pinnedPart(tool) });
  return createHash("sha256").update(pinned).digest("hex");
}

/** Names that no reader takes for another: plain ASCII, as revision 2025-11-25 asks for. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9_./-]{1,128}$/.test(name);
}
