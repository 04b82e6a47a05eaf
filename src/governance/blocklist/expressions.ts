/** How far `*`, `+` and `{n,}` of an operator's expression reach at most, in characters. */
export const MAX_REPEAT = 256;
const MAX_UNBOUNDED = 6;

interface Group {
  unbounded: boolean;
  alternation: boolean;
}

/**
 * Says why an expression could take more than linear time, or nothing when it cannot: no nested
 * repetition, no repeated alternation, no repetition next to another, no backreference, no look-around.
 */
export function expressionProblem(source: string): string | undefined {
  try {
    new RegExp(source, "i");
  } catch (error) {
    return `Not a regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (/\\[1-9]|\\k</.test(source)) return "Backreferences are not linear: not allowed";
  if (/\(\?<?[=!]/.test(source)) return "Look-around is not linear: not allowed";
  return repetitionProblem(source);
}

function repetitionProblem(source: string): string | undefined {
  const groups: Group[] = [{ unbounded: false, alternation: false }];
  const state = { closed: undefined as Group | undefined, before: false, current: false, count: 0 };
  for (const token of tokens(source)) {
    const group = groups[groups.length - 1];
    if (group === undefined) return undefined;
    if (/^(?:[*+?]|\{\d)/.test(token)) {
      const problem = quantifierProblem(token, state, groups);
      if (problem !== undefined) return problem;
      state.closed = undefined;
      continue;
    }
    state.closed = token === ")" ? groups.pop() : undefined;
    if (token === "(") groups.push({ unbounded: false, alternation: false });
    else if (token === "|") group.alternation = true;
    else if (token !== ")") {
      state.before = state.current;
      state.current = false;
    }
  }
  return undefined;
}

/** What a quantifier is applied to: a group just closed, or an atom; `before`: what stands before it. */
interface Position {
  readonly closed: Group | undefined;
  before: boolean;
  current: boolean;
  count: number;
}

function quantifierProblem(
  token: string,
  state: Position,
  groups: readonly Group[],
): string | undefined {
  const { closed } = state;
  if (closed?.unbounded && token !== "?") {
    return "A repetition inside a repetition is not linear: not allowed";
  }
  if (!isUnbounded(token)) {
    // What may be absent does not keep its neighbours apart.
    if (/^(?:\?|\{0)/.test(token)) state.current ||= state.before;
    return undefined;
  }
  if (closed?.alternation) return "A repeated alternative is not linear: not allowed";
  if (state.before) return "Two repetitions side by side are not linear: not allowed";
  if (++state.count > MAX_UNBOUNDED) return `More than ${MAX_UNBOUNDED} unbounded repetitions`;
  for (const open of groups) open.unbounded = true;
  state.current = true;
  return undefined;
}

function isUnbounded(token: string): boolean {
  return token[0] === "*" || token[0] === "+" || /^\{\d+,\}/.test(token);
}

/** Atoms, group marks and quantifiers, one by one. */
function tokens(source: string): string[] {
  return source.match(
    /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?::|<\w+>))?|[)|]|[*+?]\??|\{\d+(?:,\d*)?\}\??|[^]/g,
  )?.map((token) => token.startsWith("(") ? "(" : token) ?? [];
}

/** Compiles a checked expression, without regard to case, its repetitions bounded. */
export function compileExpression(source: string): RegExp {
  const bounded = source.replace(
    /\\.|\[(?:\\.|[^\]\\])*\]|[*+]|\{(\d+),\}/g,
    (token, from: string | undefined) => {
      if (token === "*") return `{0,${MAX_REPEAT}}`;
      if (token === "+") return `{1,${MAX_REPEAT}}`;
      return from === undefined ? token : `{${from},${Math.max(MAX_REPEAT, Number(from))}}`;
    },
  );
  return new RegExp(bounded, "i");
}

/** The longest text that every match must contain, in lower case; empty when there is none. */
export function requiredLiteral(source: string): string {
  let depth = 0;
  let current = "";
  const runs: string[] = [];
  const end = () => {
    runs.push(current);
    current = "";
  };
  for (const token of tokens(source)) {
    if (token === "|" && depth === 0) return "";
    if (token === "(") depth++;
    if (/^(?:[*?]|\{0)/.test(token)) current = current.slice(0, -1);
    const plain = token.length === 1 && /[\w /:@#%&=~,;<>"'!-]/.test(token)
      ? token
      : /^\\[^\w]$/.test(token)
      ? token.slice(1)
      : undefined;
    if (plain === undefined || depth > 0) end();
    else current += plain;
    if (token === ")") depth--;
  }
  end();
  return runs.reduce((a, b) => b.length > a.length ? b : a, "").toLowerCase();
}

/** As `requiredLiteral`, of each alternative at the top; one of them must stand in every match. */
export function requiredLiterals(source: string): string[] {
  let depth = 0;
  const alternatives = [""];
  for (const token of source.match(/\\.|\[(?:\\.|[^\]\\])*\]|[^]/g) ?? []) {
    if (token === "(") depth++;
    if (token === ")") depth--;
    if (token === "|" && depth === 0) alternatives.push("");
    else alternatives[alternatives.length - 1] += token;
  }
  return alternatives.map(requiredLiteral);
}
