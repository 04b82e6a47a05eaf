import { badFilter } from "./scim_error.ts";

/** The operators that compare an attribute with a value. */
export type Comparison = "eq" | "ne" | "co" | "sw" | "ew" | "gt" | "ge" | "lt" | "le";

/** A value as it stands in a filter: JSON, but no list and no object. */
export type FilterValue = string | number | boolean | null;

/** A filter (RFC 7644 §3.4.2.2), taken apart. Attributes are in lower case, without the schema of the resource. */
export type Filter =
  | { readonly kind: "present"; readonly attribute: string }
  | {
    readonly kind: "compare";
    readonly attribute: string;
    readonly operator: Comparison;
    readonly value: FilterValue;
  }
  | { readonly kind: "and" | "or"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly part: Filter };

const MAX_LENGTH = 4000;
const MAX_DEPTH = 20;
const MAX_TERMS = 100;
const COMPARISONS: ReadonlySet<string> = new Set([
  ...["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"],
]);

type Token =
  | { readonly kind: "word" | "open" | "close" | "openList" | "closeList"; readonly text: string }
  | { readonly kind: "value"; readonly text: string; readonly value: FilterValue };

/** One token at a place: linear, since no alternative can begin where another does. */
const TOKEN =
  // deno-lint-ignore no-control-regex
  /\s*(?:([()[\]])|("(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])|([A-Za-z][\w$:.-]*))/y;

const BRACKETS: Readonly<Record<string, "open" | "close" | "openList" | "closeList">> = {
  ...{ "(": "open", ")": "close", "[": "openList", "]": "closeList" },
};

/**
 * Takes a filter apart. `emails[type eq "work"]` becomes `emails.type eq "work"`. Throws `invalidFilter` for
 * one that is malformed, too long, too deep or of too many terms.
 */
export function parseFilter(text: string): Filter {
  const parser = new FilterParser(tokensOf(text));
  return parser.whole();
}

function tokensOf(text: string): Token[] {
  if (text.length > MAX_LENGTH) {
    throw badFilter(`The filter has more than ${MAX_LENGTH} characters`);
  }
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) {
      if (text.slice(start).trim() === "") break;
      throw badFilter(`The filter cannot be read at character ${start + 1}`);
    }
    tokens.push(tokenOf(found));
  }
  return tokens;
}

function tokenOf([, bracket, quoted, number, word = ""]: RegExpExecArray): Token {
  if (bracket !== undefined) return { kind: BRACKETS[bracket] ?? "open", text: bracket };
  const json = quoted ?? number;
  if (json !== undefined) return { kind: "value", text: json, value: JSON.parse(json) };
  const literal = /^(?:true|false|null)$/.test(word);
  return literal
    ? { kind: "value", text: word, value: JSON.parse(word) }
    : { kind: "word", text: word };
}

/** One filter, from its tokens. */
class FilterParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #terms = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Filter {
    const filter = this.#either("", 0);
    const rest = this.#tokens[this.#at];
    if (rest) {
      throw badFilter(`The filter goes on after its end, with ${JSON.stringify(rest.text)}`);
    }
    return filter;
  }

  /** @param prefix Of attributes within brackets. */
  #either(prefix: string, depth: number): Filter {
    if (depth > MAX_DEPTH) throw badFilter(`The filter is nested deeper than ${MAX_DEPTH}`);
    return this.#joined("or", () => this.#joined("and", () => this.#term(prefix, depth)));
  }

  #joined(kind: "and" | "or", next: () => Filter): Filter {
    const first = next();
    const parts = [first];
    while (this.#takeWord(kind)) parts.push(next());
    return parts.length === 1 ? first : { kind, parts };
  }

  #term(prefix: string, depth: number): Filter {
    if (++this.#terms > MAX_TERMS) throw badFilter(`The filter has more than ${MAX_TERMS} terms`);
    if (this.#isWord("not") && this.#tokens[this.#at + 1]?.kind === "open") {
      this.#at++;
      return { kind: "not", part: this.#group(prefix, depth) };
    }
    return this.#peek("open") ? this.#group(prefix, depth) : this.#comparison(prefix, depth);
  }

  #group(prefix: string, depth: number): Filter {
    this.#take("open");
    const filter = this.#either(prefix, depth + 1);
    this.#take("close");
    return filter;
  }

  #comparison(prefix: string, depth: number): Filter {
    const attribute = prefix + attributeName(this.#take("word").text);
    if (this.#peek("openList")) {
      if (prefix !== "") throw badFilter("Brackets stand within brackets");
      this.#at++;
      const filter = this.#either(`${attribute}.`, depth + 1);
      this.#take("closeList");
      return filter;
    }
    const operator = this.#take("word").text.toLowerCase();
    if (operator === "pr") return { kind: "present", attribute };
    if (!COMPARISONS.has(operator)) throw badFilter(`There is no operator "${operator}"`);
    const { value } = this.#take("value") as Extract<Token, { kind: "value" }>;
    return { kind: "compare", attribute, operator: operator as Comparison, value };
  }

  #peek(kind: Token["kind"]): boolean {
    return this.#tokens[this.#at]?.kind === kind;
  }

  #isWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === "word" && token.text.toLowerCase() === word;
  }

  #takeWord(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#at++;
    return true;
  }

  #take(kind: Token["kind"]): Token {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind) {
      const found = token ? JSON.stringify(token.text) : "its end";
      throw badFilter(`The filter has ${found} where ${WANTED[kind]} was expected`);
    }
    this.#at++;
    return token;
  }
}

const WANTED: Readonly<Record<Token["kind"], string>> = {
  ...{ word: "a name", value: "a value", open: '"("', close: '")"' },
  ...{ openList: '"["', closeList: '"]"' },
};

const CORE = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/;
const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:";

/** An attribute in lower case, without the schema that it is in: none of ours stands in two. */
export function attributeName(text: string): string {
  const name = text.toLowerCase();
  if (name.startsWith(ENTERPRISE)) return name.slice(ENTERPRISE.length);
  return name.replace(CORE, "");
}
