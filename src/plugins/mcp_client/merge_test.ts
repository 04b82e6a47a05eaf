import assert from "node:assert/strict";
import { mergeEntries } from "./merge.ts";

const ours = { type: "http", url: "http://127.0.0.1:8080/api/v1/mcp/all/mcp" } as const;

Deno.test("mergeEntries() keeps foreign entries and everything beside them", () => {
  const existing = { theme: "dark", mcpServers: { other: { command: "x" } }, numStartups: 7 };
  const { document, changes } = mergeEntries(existing, ["mcpServers"], { spgov: ours });
  assert.deepEqual(document, {
    theme: "dark",
    mcpServers: { other: { command: "x" }, spgov: ours },
    numStartups: 7,
  });
  assert.deepEqual(changes, [{ entry: "spgov", action: "added" }]);
  assert.deepEqual(Object.keys(existing.mcpServers), ["other"], "the parsed file is not touched");
});

Deno.test("mergeEntries() makes the way to a project's entries", () => {
  const path = ["projects", "/work/shop", "mcpServers"];
  const { document } = mergeEntries({ projects: { "/a": { x: 1 } } }, path, { spgov: ours });
  assert.deepEqual(document, {
    projects: { "/a": { x: 1 }, "/work/shop": { mcpServers: { spgov: ours } } },
  });
});

Deno.test("mergeEntries() replaces its own entry, in whatever form it was, and no other", () => {
  const again = (entry: unknown) =>
    mergeEntries({ mcpServers: { spgov: entry } }, ["mcpServers"], { spgov: ours }).changes[0];
  assert.equal(again(ours)?.action, "kept");
  assert.equal(again({ ...ours, url: "http://a:1/api/v1/mcp/all/mcp" })?.action, "replaced");
  const bridge = {
    command: "/opt/spgov",
    args: ["--home", "/h", "plugins", "mcp", "stdio", "all"],
  };
  assert.equal(again(bridge)?.action, "replaced");
  assert.throws(() => again({ command: "somebody" }), /knows another server as "spgov"/);
});

Deno.test("mergeEntries() refuses a file that it could not keep", () => {
  assert.throws(() => mergeEntries([], ["mcpServers"], { spgov: ours }), /The file must be/);
  assert.throws(
    () => mergeEntries({ mcpServers: [] }, ["mcpServers"], { spgov: ours }),
    /"mcpServers" must be a JSON object/,
  );
  const hostile = JSON.parse('{"mcpServers": {"__proto__": {"command": "x"}}}');
  const { document } = mergeEntries(hostile, ["mcpServers"], { spgov: ours });
  assert.equal(({} as { command?: string }).command, undefined);
  assert.ok(Object.hasOwn(document, "mcpServers"));
});
