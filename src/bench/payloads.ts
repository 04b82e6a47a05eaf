import { SERIAL } from "./request.ts";

/** A PreToolUse payload as Claude Code sends it; each request is a tool use of its own. */
export function preToolUse(
  marker: string,
  tool: string,
  input: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({
    session_id: marker,
    transcript_path: `/home/dev/.claude/projects/shop/${marker}.jsonl`,
    cwd: "/home/dev/shop",
    permission_mode: "default",
    hook_event_name: "PreToolUse",
    tool_name: tool,
    tool_input: input,
    tool_use_id: `toolu_${SERIAL}`,
  });
}

/** The call that most benchmarks make: reading a file, another one each time. */
export function readCall(marker: string): string {
  return preToolUse(marker, "Read", { file_path: `/home/dev/shop/src/part_${SERIAL}.rs` });
}

/** Writing a file whose content makes the whole payload exactly `bytes` long. */
export function writeCall(marker: string, bytes: number): string {
  const empty = preToolUse(marker, "Write", {
    file_path: "/home/dev/shop/src/big.ts",
    content: "",
  });
  const content = sourceCode(bytes);
  let length = bytes - empty.length;
  // Escaped characters take two bytes: cut until it fits, then fill up.
  while (JSON.stringify(content.slice(0, length)).length - 2 > bytes - empty.length) length -= 16;
  const cut = content.slice(0, length);
  const missing = bytes - empty.length - (JSON.stringify(cut).length - 2);
  return preToolUse(marker, "Write", {
    file_path: "/home/dev/shop/src/big.ts",
    content: cut + " ".repeat(missing),
  });
}

const WORDS =
  "account address amount basket batch buffer cache channel client config count cursor customer default delivery entry event filter folder format handler header index invoice item journal label layer limit line list market message model module number object option order output page parser payment period price process product query queue range record region report request result review route sample schema search section server signal source stage state status stock store stream table target ticket token update user value vendor version window worker"
    .split(" ");

/** At least `bytes` of something that reads like source code: identifiers, strings, hashes, numbers. Always the same. */
export function sourceCode(bytes: number): string {
  let seed = 42;
  const next = (limit: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(seed / 2 ** 32 * limit);
  };
  const word = (): string => WORDS[next(WORDS.length)] ?? "item";
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => next(16).toString(16)).join("");
  const forms: readonly (() => string)[] = [
    () => `  const ${word()}_${word()} = await ${word()}.${word()}(${word()}, ${next(10_000)});`,
    () =>
      `  if (${word()}.${word()} > ${next(100)}) return ${word()}.map((${
        word()[0]
      }) => ${word()});`,
    () => `// The ${word()} of a ${word()} is the ${word()} that its ${word()} had at the time.`,
    () => `  "${word()}": { "integrity": "sha1-${hex(40)}", "size": ${next(1e6)} },`,
    () => `import { ${word()}, ${word()} } from "./${word()}/${word()}.ts";`,
    () =>
      `  log.info("the ${word()} of ${word()} has ${next(99)} of ${next(999)}", { ${word()} });`,
  ];
  const lines: string[] = [];
  for (let length = 0; length < bytes;) {
    const line = forms[next(forms.length)]?.() ?? "";
    lines.push(line);
    length += line.length + 1;
  }
  return lines.join("\n");
}
