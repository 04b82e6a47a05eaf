import { afterOptions, indexOrLength, type Wrapper } from "./shell_options.ts";

const SHELLS = /^(r?bash|sh|zsh|dash|m?ksh|ash|fish|t?csh|pwsh|powershell|cmd)(\.exe)?$/;
const POWERSHELL = /^(pwsh|powershell)(\.exe)?$/;
const INTERPRETERS =
  /^(python|pypy|perl|ruby|node|nodejs|deno|bun|php|lua|g?awk|mawk|nawk|tclsh)[\d.]*$/;
const SCRIPTED = new Set(
  ("eval source . watch parallel trap alias su script flock runuser env ssh at batch crontab tmux screen " +
    "entr git vagrant gcloud").split(" "),
);
/** Whether a command may run text as a script. */
export function runsScripts(name: string): boolean {
  return SCRIPTED.has(name) || SHELLS.test(name) || INTERPRETERS.test(name);
}

/** Text among the words, or on standard input, that will be run as a script. */
export function scriptsOf(
  name: string,
  rest: readonly string[],
  stdin: string | undefined,
): readonly string[] {
  if (POWERSHELL.test(name)) return shellScripts(rest, stdin).map(withoutBackticks);
  if (SHELLS.test(name)) return shellScripts(rest, stdin);
  if (INTERPRETERS.test(name)) return interpreterScripts(name, rest, stdin);
  switch (name) {
    case "source":
    case ".":
      return isStandardInput(rest[0] ?? "") && stdin !== undefined ? [stdin] : [];
    case "eval":
    case "watch":
    case "parallel":
      return [withoutOptions(rest).join(" ")];
    case "trap":
    case "alias":
      return rest.map((word) => word.replace(/^[\w.-]+=/, ""));
    case "su":
    case "script":
    case "flock":
    case "runuser":
      return after(rest, /^(-\w*c|--command)$/);
    case "env":
      return after(rest, /^(-\w*S|--split-string)$/);
    case "ssh":
      return [sshCommand(rest)];
    case "at":
    case "batch":
    case "crontab":
      return stdin === undefined ? [] : [stdin.replace(/^[\s\d*/,-]{5,}(?=\S)/gm, "")];
    case "tmux":
    case "screen":
    case "entr":
      return rest.filter((word) => word.includes(" "));
    case "git":
      return rest.filter((word) => /(^|=)!./.test(word)).map((w) => w.replace(/^[^!]*!/, ""));
    case "vagrant":
    case "gcloud":
      return after(rest, /^(-c|--command)$/).concat(valuesOf(rest, "--command="));
    default:
      return [];
  }
}

function shellScripts(rest: readonly string[], stdin: string | undefined): readonly string[] {
  const at = rest.findIndex((word) =>
    /^(-[A-Za-z]*[cC]|--command|-command|-[cC]ommand|\/[cCkK])$/.test(word)
  );
  if (at >= 0) {
    const operands = rest.slice(at + 1).filter((word, i) => i > 0 || !/^-[a-z]+$/.test(word));
    const first = operands[0] ?? "";
    return /^(\/|-command)/i.test(rest[at] ?? "") ? [operands.join(" ")] : [first];
  }
  const operand = rest.find((word) => !word.startsWith("-"));
  const reads = operand === undefined || isStandardInput(operand) || rest.includes("-s");
  return reads && stdin !== undefined ? [stdin] : [];
}

/** In PowerShell a backtick escapes, and in front of most letters it stands for nothing. */
function withoutBackticks(script: string): string {
  return script.replaceAll("`", "");
}

/** A file that is standard input, or what `<(...)` stands for. */
function isStandardInput(word: string): boolean {
  return /^(-|\/dev\/stdin|\/dev\/fd\/\d+|\/proc\/self\/fd\/\d+)$/.test(word);
}

/** What `$0`, `$1` … are in the script of `sh -c script zero one` or `sh -s one`; undefined elsewhere. */
export function positionalsOf(
  name: string,
  rest: readonly string[],
): readonly string[] | undefined {
  if (!SHELLS.test(name)) return undefined;
  const at = rest.findIndex((word) => /^-[A-Za-z]*c$/.test(word));
  if (at >= 0) return rest.slice(at + 2);
  const from = rest.indexOf("-s");
  return from < 0 ? undefined : ["", ...rest.slice(from + 1).filter((word) => word !== "--")];
}

const RUNS = /system|exec|popen|spawn|subprocess|Deno\.Command|shell|%x|qx|`|\$\{?\(|\| *["']/i;

/** In inline code that starts processes, every string literal may be a command line. */
function interpreterScripts(
  name: string,
  rest: readonly string[],
  stdin: string | undefined,
): readonly string[] {
  const inline = /awk$/.test(name)
    ? rest
    : after(rest, /^(-\w*[cerE]|--eval|--print|-p|eval)$/).concat(stdin ?? []);
  const scripts: string[] = [];
  for (const code of inline) {
    if (!RUNS.test(code)) continue;
    const literals = [...code.matchAll(/(["'`])((?:\\.|(?!\1)[^\\])*)\1|%x[({[]([^)}\]]*)[)}\]]/gs)]
      .map((match) => match[2] ?? match[3] ?? "").slice(0, 256);
    scripts.push(...literals, literals.join(" "));
    for (let i = 1; i < Math.min(literals.length, 4); i++) {
      scripts.push(literals.slice(i).join(" "));
    }
  }
  return scripts;
}

function after(words: readonly string[], option: RegExp): readonly string[] {
  return words.flatMap((word, i) => option.test(word) ? [words[i + 1] ?? ""] : []);
}

function valuesOf(words: readonly string[], prefix: string): readonly string[] {
  return words.filter((word) => word.startsWith(prefix)).map((word) => word.slice(prefix.length));
}

function withoutOptions(words: readonly string[]): readonly string[] {
  return words.slice(indexOrLength(words, (word) => !word.startsWith("-") && !/^\d+$/.test(word)));
}

const SSH_VALUES = "BbcDEeFIiJLlmOoPpQRSWw";

function sshCommand(words: readonly string[]): string {
  const wrapper: Wrapper = { values: SSH_VALUES, operands: 1 };
  return afterOptions(words, wrapper).join(" ");
}
