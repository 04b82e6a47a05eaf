/** What of a call the policies can see. What none of them looks at is neither sent nor compared. */
export interface Features {
  readonly input: boolean;
  /** Whether a policy asks if it was shown the whole input. */
  readonly inputComplete: boolean;
  readonly user: boolean;
  readonly session: boolean;
  readonly hour: boolean;
}

const NAMES = {
  input: ["input", "input_complete", "Input"],
  user: ["User", "id"],
  session: ["session"],
  hour: ["hour_utc"],
} as const;

/**
 * Finds what parsed policies mention. A context or principal that is compared as a whole counts as
 * everything, and so does any doubt.
 */
export function findFeatures(policies: readonly unknown[]): Features {
  const words = new Set<string>();
  let whole = false;
  const stack: unknown[] = [...policies];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (typeof item === "string") words.add(item);
    else if (typeof item === "object" && item !== null) {
      whole ||= usesWhole(item as Record<string, unknown>);
      stack.push(...Object.values(item));
    }
  }
  const has = (names: readonly string[]) => whole || names.some((name) => words.has(name));
  return {
    input: has(NAMES.input),
    // In doubt not: it is what keeps a call with fields that no policy saw from passing.
    inputComplete: words.has("input_complete"),
    user: has(NAMES.user),
    session: has(NAMES.session),
    hour: has(NAMES.hour),
  };
}

/** Operators that ask a variable for an attribute, a group or a type, not for all that it is. */
const PARTIAL = new Set([".", "has", "in", "is"]);

/** `context == x`, `x.contains(principal)` and the like: a variable taken as a whole. */
function usesWhole(node: Record<string, unknown>): boolean {
  return Object.entries(node).some(([operator, operands]) =>
    !PARTIAL.has(operator) && typeof operands === "object" && operands !== null &&
    Object.values(operands).some(isWholeVariable)
  );
}

function isWholeVariable(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("Var" in value)) return false;
  return value.Var === "context" || value.Var === "principal";
}
