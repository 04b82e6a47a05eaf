import { dirname } from "node:path";
import { type Document, isMap, parseDocument } from "yaml";
import { AppError } from "../../../kernel/errors.ts";

/** What setup may say of a profile; what is not given stays as it is. */
export interface ProfileChanges {
  readonly port?: number;
  readonly databaseUrl?: string;
  readonly services?: string;
}

/** A profile as it is and as it should be. */
export interface ProfilePlan {
  readonly path: string;
  readonly state: "created" | "updated" | "unchanged";
  readonly text: string;
}

const FRESH = (name: string): string =>
  `# The environment this appliance runs in. Every key is optional but the name; see
# "spgov admin config validate" for what is wrong with a change.
name: ${name}

server:
  # Address to listen on. Anything but loopback is guarded against slow and idle connections.
  address: 127.0.0.1
  port: 8080
`;

/** The profile at `path` with `changes`; comments and everything else in it stay. */
export async function planProfile(
  path: string,
  name: string,
  changes: ProfileChanges,
): Promise<ProfilePlan> {
  const before = await readIfPresent(path);
  const document = parseDocument(before ?? FRESH(name));
  if (document.errors.length > 0 || !isMap(document.contents)) {
    throw new AppError(
      "invalid",
      `Cannot change the profile "${path}": it is no valid YAML mapping`,
    );
  }
  const changed = applyChanges(document, changes);
  const text = before !== undefined && !changed ? before : document.toString({ lineWidth: 0 });
  const state = before === undefined ? "created" : changed ? "updated" : "unchanged";
  return { path, state, text };
}

/** Puts the profile in place in one step; readable by its owner only, since a database URL holds a password. */
export async function writeProfile({ path, state, text }: ProfilePlan): Promise<void> {
  if (state === "unchanged") return;
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    await Deno.writeTextFile(draft, text, { createNew: true, mode: 0o600 });
    await Deno.rename(draft, path);
  } finally {
    await Deno.remove(draft).catch(() => undefined);
  }
}

function applyChanges(document: Document, changes: ProfileChanges): boolean {
  const wanted = [
    [["server", "port"], changes.port],
    [["database", "url"], changes.databaseUrl],
    [["services"], changes.services],
  ] as const;
  const different = wanted.filter(([path, value]) =>
    value !== undefined && document.getIn(path) !== value
  );
  for (const [path, value] of different) document.setIn(path, value);
  return different.length > 0;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
