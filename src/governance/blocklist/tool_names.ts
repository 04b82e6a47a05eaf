import { compileGlob, compileGlobs, type Matcher } from "../glob.ts";
import { expressionOf } from "./config.ts";
import { compileExpression } from "./expressions.ts";
import { wordsOf } from "./words.ts";

/** A tool's own name, without server and kind, in the forms that rules ask for. */
export interface ToolName {
  readonly own: string;
  readonly words: readonly string[];
  /** The words joined by `_`, for globs: `DeleteUser` is `delete_user`. */
  readonly snake: string;
}

const MAX_CACHED = 2048;
const cache = new Map<string, ToolName>();

/** The own name behind `mcp__server__tool`, `mcp:server/tool` and `tool:Name`. */
export function toolName(target: string, tool: string): ToolName {
  const key = `${target}\u0000${tool}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const name = parseName(target, tool);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, name);
  return name;
}

function parseName(target: string, tool: string): ToolName {
  const full = tool === "" ? target.slice(target.indexOf(":") + 1) : tool;
  const mcp = /^mcp__.+?__(.+)$/i.exec(full)?.[1] ?? full;
  const own = mcp.slice(mcp.lastIndexOf("/") + 1);
  const words = wordsOf(own);
  return { own, words, snake: words.join("_") };
}

/** Compiles name patterns: a bare word is one word of the name, a glob the whole of it. */
export function compileNames(patterns: readonly string[]): (name: ToolName) => boolean {
  const bare = new Set<string>();
  const tests: ((name: ToolName) => boolean)[] = [];
  for (const pattern of patterns) {
    const source = expressionOf(pattern);
    if (source !== undefined) {
      const expression = compileExpression(source);
      tests.push((name) => expression.test(name.own) || expression.test(name.snake));
    } else if (/[*?]/.test(pattern)) {
      const glob = compileGlob(pattern, true);
      tests.push((name) => glob(name.own) || glob(name.snake));
    } else bare.add(pattern.toLowerCase());
  }
  return (name) =>
    name.words.some((word) => bare.has(word)) || bare.has(name.snake) ||
    tests.some((test) => test(name));
}

/** Compiles `tools`: globs over target or tool, `!glob` excludes. */
export function compileTools(
  patterns: readonly string[],
): (target: string, tool: string) => boolean {
  const excluded = patterns.filter((pattern) => pattern.startsWith("!"));
  const included = patterns.filter((pattern) => !pattern.startsWith("!"));
  const excludes: Matcher = compileGlobs(excluded.map((pattern) => pattern.slice(1)), true);
  const includes: Matcher = included.length === 0 ? () => true : compileGlobs(included, true);
  return (target, tool) =>
    (includes(target) || includes(tool)) && !excludes(target) && !excludes(tool);
}
