const MAX_BRACES = 64;

/** Quoted `{`, `,` and `}` must not expand: they travel as private-use characters. */
export function mark(text: string): string {
  return /[{},]/.test(text)
    ? text.replaceAll("{", "\ue000").replaceAll("}", "\ue001").replaceAll(",", "\ue002")
    : text;
}

export function unmark(text: string): string {
  return /[\ue000-\ue002]/.test(text)
    ? text.replaceAll("\ue000", "{").replaceAll("\ue001", "}").replaceAll("\ue002", ",")
    : text;
}

/** `a{b,c}d` is `abd acd`; bounded, and only where a comma makes it an expansion. */
export function expandBraces(text: string): string[] {
  const done: string[] = [];
  const queue = [text];
  while (queue.length > 0 && done.length + queue.length < MAX_BRACES) {
    const next = queue.shift() ?? "";
    const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(next);
    if (!match) done.push(next);
    else {for (const item of (match[2] ?? "").split(",")) {
        queue.push(`${match[1]}${item}${match[3]}`);
      }}
  }
  return [...done, ...queue].filter((word) => word !== "");
}

/** What splits an unquoted expansion into fields: the script may have set `IFS` itself. */
export function separators(ifs: string | undefined): RegExp {
  if (ifs === undefined || ifs === "") return /[ \t\n]+/;
  return new RegExp(`[ \\t\\n${ifs.replace(/[\\\]^-]/g, "\\$&")}]+`);
}

export function indexOrEnd(text: string, needle: string, from: number): number {
  const at = text.indexOf(needle, from);
  return at < 0 ? text.length : at;
}

/** Index of the `)` that closes what was opened before `from`, minding quotes. */
export function closingParenthesis(text: string, from: number): number {
  return closing(text, from, "(", ")");
}

export function closingBrace(text: string, from: number): number {
  return closing(text, from, "{", "}");
}

function closing(text: string, from: number, open: string, close: string): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === "\\") at++;
    else if (char === "'") at = indexOrEnd(text, "'", at + 1);
    else if (char === '"') at = closingQuote(text, at + 1);
    else if (char === open) depth++;
    else if (char === close && --depth === 0) return at;
  }
  return text.length;
}

function closingQuote(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

export function unescapeAnsi(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|(.))/gs,
    (_all, hex, unicode, octal, char) => {
      if (hex ?? unicode) return String.fromCharCode(parseInt(hex ?? unicode, 16));
      if (octal) return String.fromCharCode(parseInt(octal, 8));
      return ({ n: "\n", t: "\t", r: "\r", e: "\x1b" } as Record<string, string>)[char] ?? char;
    },
  );
}

/** Decodes the escapes that `echo -e` and `printf` know. */
export function unescapeEcho(text: string): string {
  return text.includes("\\") ? unescapeAnsi(text.replace(/\\0([0-7]{1,3})/g, "\\$1")) : text;
}
