/**
 * Parses JSON as it is written. `JSON.parse` of the engine (V8, nodejs/node#63785) takes a key with an escape
 * for another one, whenever an object of the same shape with a key that ends in a backslash was read before:
 * whoever can send two texts could so hide a key from us. Texts without such keys go the native way.
 * Throws a `SyntaxError` for what is no JSON.
 */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return hasEscapedKey(text) ? readTokens(text) : value;
}

/** Index of the quote that closes the string opened at `start`. */
export function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at > 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at;
  }
  return text.length;
}

function hasEscapedKey(text: string): boolean {
  let slash = text.indexOf("\\");
  if (slash < 0) return false;
  for (let open = text.indexOf('"'); open >= 0;) {
    const close = endOfString(text, open);
    if (slash < open) slash = text.indexOf("\\", open);
    if (slash < 0) return false;
    if (slash < close && isKey(text, close)) return true;
    open = text.indexOf('"', close + 1);
  }
  return false;
}

/** Whether a colon follows the quote at `close`. */
function isKey(text: string, close: number): boolean {
  let at = close + 1;
  while (" \t\n\r".includes(text[at] ?? ":")) at++;
  return text[at] === ":";
}

interface Open {
  readonly node: unknown[] | Record<string, unknown>;
  key: string | undefined;
}

/** Reads text that is valid JSON, token by token: a string alone is parsed as it is written. */
function readTokens(text: string): unknown {
  const opened: Open[] = [];
  let root: unknown;

  function put(value: unknown): void {
    const top = opened.at(-1);
    if (top === undefined) root = value;
    else if (Array.isArray(top.node)) top.node.push(value);
    else {
      const own = { value, enumerable: true, configurable: true, writable: true };
      Object.defineProperty(top.node, top.key ?? "", own);
      top.key = undefined;
    }
  }

  function open(node: Open["node"]): void {
    put(node);
    opened.push({ node, key: undefined });
  }

  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s{}[\],:"]+/g)) {
    const top = opened.at(-1);
    if (token === "{") open({});
    else if (token === "[") open([]);
    else if (token === "}" || token === "]") opened.pop();
    else if (top && !Array.isArray(top.node) && top.key === undefined) top.key = JSON.parse(token);
    else put(JSON.parse(token));
  }
  return root;
}
