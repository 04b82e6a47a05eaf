import type { ShellConfig } from "./config.ts";
import { compileFiles, pathsOf } from "./files.ts";
import type { ShellCommand } from "./shell_script.ts";

/** The words that are no options. */
export function operandsOf(words: readonly string[]): readonly string[] {
  return words.filter((word) => !word.startsWith("-"));
}

/** Commands whose first operand is a pattern or a text, not a file. */
const PATTERN_FIRST = /^(grep|egrep|fgrep|zgrep|rg|ag|ack|sed|gsed|awk|gawk|mawk|nawk|jq|yq|perl)$/;
/** Commands whose last operand is written, not read. */
const WRITES_LAST = /^(cp|mv|install|ln|rsync|scp|tee)$/;

/** Options whose value is a file that is left out, or that a program keeps to itself. */
const SPARED_VALUE = /^--(?:exclude|ignore|env-file)[\w-]*=/;
const SPARED_OPTION = /^--(?:exclude|ignore|env-file)[\w-]*$/;

/** Compiles the parts of a condition that ask which files a command names and may read. */
export function compilePaths(condition: ShellConfig): (command: ShellCommand) => boolean {
  const matches = compileFiles(condition.paths, condition.unless_paths);
  const spared = new Set(condition.unless_command);
  return (command) => {
    const { name, words } = command;
    if (command.reads.some(matches)) return true;
    if (spared.has(name) || spared.has(`${name} ${words[0] ?? ""}`)) return false;
    return readWords(name, words).some((word) => mayBeFile(word) && pathsOf(word).some(matches));
  };
}

function mayBeFile(word: string): boolean {
  return word.length < 4096 && !/\s/.test(word.replace(/^\S*[=@]/, ""));
}

function readWords(name: string, all: readonly string[]): readonly string[] {
  const words = all.filter((word, i) =>
    !SPARED_VALUE.test(word) && !SPARED_OPTION.test(all[i - 1] ?? "")
  );
  if (PATTERN_FIRST.test(name)) {
    if (words.some((word) => /^(-[a-zA-Z]*[ef]|--regexp|--file)$/.test(word))) return words;
    const first = words.findIndex((word) => !word.startsWith("-"));
    return words.filter((_word, i) => i !== first);
  }
  return WRITES_LAST.test(name) && operandsOf(words).length > 1 ? words.slice(0, -1) : words;
}
