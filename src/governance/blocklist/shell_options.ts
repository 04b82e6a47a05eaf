/** How many operands a wrapper has before the command, and which of its options take a value. */
export interface Wrapper {
  readonly values: string;
  readonly long?: readonly string[];
  readonly operands?: number;
}

/** The words behind a wrapper's own options and operands: the command that it runs. */
export function afterOptions(
  words: readonly string[],
  wrapper: Wrapper | undefined,
): readonly string[] {
  if (wrapper === undefined) return [];
  let at = 0;
  for (let operands = wrapper.operands ?? 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") return words.slice(at + 1 + operands);
    if (word.startsWith("--")) at += wrapper.long?.includes(word) ? 1 : 0;
    else if (/^-./.test(word)) at += takesValue(word, wrapper.values) ? 1 : 0;
    else if (/^[A-Za-z_]\w*=/.test(word)) continue;
    else if (operands-- <= 0) return words.slice(at);
  }
  return [];
}

/** `-u root`: the last letter of the cluster takes the next word; `-uroot` has its value. */
function takesValue(word: string, values: string): boolean {
  const letter = word[1] ?? "";
  return values.includes(letter)
    ? word.length === 2
    : values.includes(word[word.length - 1] ?? "-");
}

/** Index of the first word that passes, or behind the last. */
export function indexOrLength(words: readonly string[], test: (word: string) => boolean): number {
  const at = words.findIndex(test);
  return at < 0 ? words.length : at;
}
