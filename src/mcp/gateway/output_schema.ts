import { CfWorkerJsonSchemaValidator } from "@modelcontextprotocol/server/validators/cf-worker";
import type { ToolDefinition } from "../tool_hash.ts";
import { isObject, type Params } from "./message.ts";

type Validate = (value: unknown) => string | undefined;

const validators = new WeakMap<ToolDefinition, Validate>();
const engine = new CfWorkerJsonSchemaValidator();

/**
 * What is wrong with a result by its tool's own output schema; undefined when nothing is, or when there is
 * no schema that can be checked.
 */
export function outputProblem(
  tool: ToolDefinition | undefined,
  result: Params,
): string | undefined {
  const schema = tool?.["outputSchema"];
  if (!tool || !isObject(schema) || isUnfinished(result)) return undefined;
  const content = result["structuredContent"];
  if (content === undefined) {
    return `Tool "${tool.name}" promises structured content and gave none`;
  }
  let validate = validators.get(tool);
  if (!validate) validators.set(tool, validate = compile(schema));
  const problem = validate(content);
  return problem && `What tool "${tool.name}" gave is not what its output schema says: ${problem}`;
}

/** Results that announce another one. */
function isUnfinished(result: Params): boolean {
  return result["task"] !== undefined || (result["resultType"] ?? "complete") !== "complete";
}

function compile(schema: Params): Validate {
  try {
    const check = engine.getValidator<unknown>(withoutPatterns(schema, 0) as Params);
    return (value) => {
      const { valid, errorMessage } = check(value);
      return valid ? undefined : (errorMessage ?? "it does not match").slice(0, 500);
    };
  } catch {
    return () => undefined;
  }
}

/**
 * Expressions in a schema are the server's, and so are the texts they would be tried on: together they can
 * be made to take for ever. They are not tried.
 */
function withoutPatterns(node: unknown, depth: number): unknown {
  if (depth > 64) throw new TypeError("The schema nests too deep");
  if (Array.isArray(node)) return node.map((item) => withoutPatterns(item, depth + 1));
  if (!isObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(key === "pattern" && typeof value === "string"))
      .filter(([key, value]) => !(key === "patternProperties" && isObject(value)))
      .map(([key, value]) => [key, withoutPatterns(value, depth + 1)]),
  );
}
