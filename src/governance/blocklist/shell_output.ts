import { unescapeEcho } from "./shell_text.ts";

const PRINTERS = new Set(
  ["echo", "printf", "cat", "tee", "rev", "base64", "gbase64", "openssl", "xxd", "tr"],
);
const MAX_OUTPUT = 64 * 1024;

/**
 * What a command prints, where that can be told without running it: `echo`, `printf`, `cat` of
 * known input and the decoders that hide a script in letters. Undefined when it cannot.
 */
export function staticOutput(
  words: readonly string[],
  stdin: string | undefined,
): string | undefined {
  const path = words[0] ?? "";
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!PRINTERS.has(name)) return undefined;
  const output = run(name, words.slice(1), stdin);
  return output === undefined || output.length > MAX_OUTPUT ? undefined : output;
}

function run(
  name: string,
  args: readonly string[],
  stdin: string | undefined,
): string | undefined {
  if (name === "echo") return echo(args);
  if (name === "printf") return printf(args);
  if (stdin === undefined) return undefined;
  if (name === "cat" || name === "tee") return stdin;
  if (name === "rev") {
    return stdin.split("\n").map((line) => [...line].reverse().join("")).join("\n");
  }
  if (/^(base64|gbase64)$/.test(name) && args.some((arg) => /^(-[a-z]*[dD]|--d)/.test(arg))) {
    return decodeBase64(stdin);
  }
  if (name === "openssl" && args.includes("-d") && args.some((arg) => /base64|-a$/.test(arg))) {
    return decodeBase64(stdin);
  }
  if (name === "xxd" && args.some((arg) => /^-[a-z]*r/.test(arg))) return decodeHex(stdin);
  if (name === "tr") return translate(args, stdin);
  return undefined;
}

function echo(args: readonly string[]): string {
  let from = 0;
  while (/^-[neE]+$/.test(args[from] ?? "")) from++;
  return unescapeEcho(args.slice(from).join(" "));
}

function printf(args: readonly string[]): string {
  const values = args.slice(1);
  const format = unescapeEcho(args[0] ?? "");
  let output = "";
  do {
    output += format.replace(/%(?:%|-?\d*[sbdqc])/g, (spec) => {
      return spec === "%%" ? "%" : unescapeEcho(values.shift() ?? "");
    });
  } while (values.length > 0 && /%-?\d*[sbdqc]/.test(format) && output.length < MAX_OUTPUT);
  return output;
}

function decodeBase64(text: string): string | undefined {
  try {
    return atob(text.replace(/\s+/g, ""));
  } catch {
    return undefined;
  }
}

function decodeHex(text: string): string | undefined {
  const pairs = text.replace(/\s+/g, "").match(/[0-9a-fA-F]{2}/g);
  return pairs?.map((pair) => String.fromCharCode(parseInt(pair, 16))).join("");
}

/** `tr SET1 SET2` with ranges, `tr -d SET`. */
function translate(args: readonly string[], text: string): string {
  if (/^-\w*d/.test(args[0] ?? "")) {
    const removed = new Set(expandSet(args[1] ?? ""));
    return [...text].filter((char) => !removed.has(char)).join("");
  }
  const [from, to] = [expandSet(args[0] ?? ""), expandSet(args[1] ?? "")];
  const map = new Map(from.map((char, i) => [char, to[i] ?? to[to.length - 1] ?? char]));
  return [...text].map((char) => map.get(char) ?? char).join("");
}

function expandSet(set: string): string[] {
  const chars = unescapeEcho(set).replace(/([^])-([^])/g, (_all, a: string, b: string) => {
    let run = "";
    for (let code = a.charCodeAt(0); code <= b.charCodeAt(0) && run.length < 256; code++) {
      run += String.fromCharCode(code);
    }
    return run;
  });
  return [...chars];
}
