import assert from "node:assert/strict";
import { LAYERS } from "./lint/layers.ts";

const root = new URL("..", import.meta.url);

/** The folders that README's map of `src/` names, in its order. */
async function namedFolders(): Promise<readonly string[]> {
  const text = await Deno.readTextFile(new URL("README.md", root));
  const map = /## Map of `src\/`\n([^]*?)\n## /.exec(text)?.[1] ?? "";
  return map.split("\n").filter((line) => line.startsWith("| `"))
    .flatMap((line) => [...line.split("|")[1]?.matchAll(/`([^`]+)`/g) ?? []])
    .map(([, name = ""]) => name);
}

Deno.test("README's map names every folder of src and no other", async () => {
  const folders = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL("src", root))) {
    if (isDirectory) folders.push(name);
  }
  const named = (await namedFolders()).filter((name) => !name.endsWith(".ts"));
  assert.deepEqual([...named].sort(), folders.sort());
});

Deno.test("README's map has each folder below those it imports from", async () => {
  const layers = (await namedFolders()).filter((name) => !name.endsWith(".ts"))
    .map((name) => [name, LAYERS.findIndex((layer) => layer.includes(name))] as const);
  layers.forEach(([name, layer], i) => {
    const later = layers.slice(i + 1).find(([, other]) => other < layer);
    assert.equal(later, undefined, `"${later?.[0]}" stands below "${name}", which imports from it`);
  });
});
