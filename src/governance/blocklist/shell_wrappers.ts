import type { RawCommand, ShellCommand } from "./shell_script.ts";

/** The commands that a command line amounts to, and the scripts that they run in turn. */
export interface Unwrapped {
  readonly commands: readonly ShellCommand[];
  readonly scripts: readonly string[];
}

/** How many operands a wrapper has before the command, and which of its options take a value. */
interface Wrapper {
  readonly values: string;
  readonly long?: readonly string[];
  readonly operands?: number;
}

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: { values: "ugphCDRTUrt", long: ["--user", "--group", "--prompt", "--host", "--chdir"] },
  doas: { values: "uC" },
  run0: { values: "uD" },
  pkexec: { values: "", long: ["--user"] },
  env: { values: "uC", long: ["--unset", "--chdir"] },
  nice: { values: "n", long: ["--adjustment"] },
  ionice: { values: "cnpPu" },
  chrt: { values: "", operands: 1 },
  taskset: { values: "", operands: 1 },
  timeout: { values: "sk", long: ["--signal", "--kill-after"], operands: 1 },
  gtimeout: { values: "sk", long: ["--signal", "--kill-after"], operands: 1 },
  xargs: { values: "InPLdEsai", long: ["--max-args", "--max-procs", "--replace", "--delimiter"] },
  parallel: { values: "jN", long: ["--jobs"] },
  nohup: { values: "" },
  setsid: { values: "" },
  time: { values: "fo" },
  command: { values: "" },
  builtin: { values: "" },
  exec: { values: "a" },
  stdbuf: { values: "ioe" },
  unbuffer: { values: "" },
  caffeinate: { values: "tw" },
  chroot: { values: "", operands: 1 },
  unshare: { values: "" },
  fakeroot: { values: "" },
  proxychains: { values: "f" },
  strace: { values: "eopsP" },
  ltrace: { values: "eopsP" },
  flock: { values: "wE", operands: 1 },
  busybox: { values: "" },
  toybox: { values: "" },
  "systemd-run": { values: "pu" },
  "start-stop-daemon": { values: "" },
  setarch: { values: "" },
  linux64: { values: "" },
  firejail: { values: "" },
  coproc: { values: "" },
  then: { values: "" },
  do: { values: "" },
};

const SHELLS = /^(r?bash|sh|zsh|dash|m?ksh|ash|fish|t?csh|pwsh|powershell|cmd)(\.exe)?$/;
const INTERPRETERS =
  /^(python|pypy|perl|ruby|node|nodejs|deno|bun|php|lua|g?awk|mawk|nawk|tclsh)[\d.]*$/;
const CONTAINERS = /^(docker|podman|nerdctl|kubectl|oc|lxc|nsenter|vagrant|heroku|fly|flyctl)$/;
/** What is worth finding behind a container's own options. */
const INNER =
  /^(r?bash|sh|zsh|dash|ash|rm|rmdir|dd|mkfs.*|shred|wipefs|find|chmod|chown|kill|killall|shutdown|reboot|cat|curl|wget|nc|ncat|psql|mysql|mariadb|sqlite3|mongosh|mongo|redis-cli|env|sudo)$/;
const SCRIPTED = new Set(
  ("eval watch parallel trap alias su script flock runuser env ssh at batch crontab tmux screen " +
    "entr git vagrant gcloud").split(" "),
);
const FINDERS = new Set(["find", "fd", "fdfind"]);
const MAX_WRAPPERS = 16;
const MAX_CACHED = 4096;
const NOTHING: readonly string[] = [];
const plainNames = new Map<string, boolean>();

/** Whether a command runs nothing but itself; most do, so the answer is remembered by name. */
function isPlain(name: string): boolean {
  const known = plainNames.get(name);
  if (known !== undefined) return known;
  const plain = !Object.hasOwn(WRAPPERS, name) && !SCRIPTED.has(name) && !FINDERS.has(name) &&
    !SHELLS.test(name) && !INTERPRETERS.test(name) && !CONTAINERS.test(name);
  if (plainNames.size >= MAX_CACHED) plainNames.clear();
  plainNames.set(name, plain);
  return plain;
}

/** Follows wrappers (`sudo`, `env`, `xargs`, `find -exec` ...) to what really runs. */
export function unwrap(raw: RawCommand): Unwrapped {
  const commands: ShellCommand[] = [];
  const scripts: string[] = [];
  let words: readonly string[] = raw.words;
  for (let i = 0; i < MAX_WRAPPERS; i++) {
    words = skipAssignments(words);
    const name = baseName(words[0] ?? "");
    const rest = words.slice(1);
    commands.push(toCommand(raw, name, rest));
    if (isPlain(name)) return { commands, scripts };
    scripts.push(...scriptsOf(name, rest, raw));
    const inner = innerOf(name, rest);
    if (inner.length === 0) return { commands, scripts };
    words = inner;
  }
  commands.push(toCommand(raw, "@too_deep", NOTHING));
  return { commands, scripts };
}

function toCommand(raw: RawCommand, name: string, words: readonly string[]): ShellCommand {
  const { from, reads, writes, stdin, piped } = raw;
  return { name, words, from, reads, writes, stdin, piped };
}

function skipAssignments(words: readonly string[]): readonly string[] {
  let from = 0;
  while (/^[A-Za-z_]\w*\+?=/.test(words[from] ?? "")) from++;
  return from === 0 ? words : words.slice(from);
}

/** `/bin/RM`, `C:\x\rm.exe` and `r${unset}m` are `rm`. */
function baseName(word: string): string {
  const plain = word.includes("$") ? word.replace(/\$(\{\w+\}|\(\))/g, "") : word;
  const slash = Math.max(plain.lastIndexOf("/"), plain.lastIndexOf("\\"));
  const name = (slash < 0 ? plain : plain.slice(slash + 1)).toLowerCase();
  return name.endsWith(".exe") ? name.slice(0, -4) : name;
}

function innerOf(name: string, rest: readonly string[]): readonly string[] {
  if (Object.hasOwn(WRAPPERS, name)) return afterOptions(rest, WRAPPERS[name]);
  if (FINDERS.has(name)) return afterExec(rest);
  if (CONTAINERS.test(name)) return rest.slice(indexOrLength(rest, (word) => isInner(word)));
  return [];
}

function isInner(word: string): boolean {
  return INNER.test(baseName(word));
}

function afterOptions(words: readonly string[], wrapper: Wrapper | undefined): readonly string[] {
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

function afterExec(words: readonly string[]): readonly string[] {
  const start = indexOrLength(
    words,
    (w) => /^(-exec(dir)?|-ok(dir)?|-x|-X|--exec(-batch)?)$/.test(w),
  );
  const rest = words.slice(start + 1);
  const end = indexOrLength(rest, (word) => word === ";" || word === "+");
  const tail = rest.slice(end + 1);
  // A second -exec in the same find is one more command line: keep it reachable.
  return tail.some((word) => word.startsWith("-exec")) &&
      /^(echo|true|ls|test)$/.test(rest[0] ?? "")
    ? afterExec(tail)
    : rest.slice(0, end);
}

function indexOrLength(words: readonly string[], test: (word: string) => boolean): number {
  const at = words.findIndex(test);
  return at < 0 ? words.length : at;
}

/** Text among the words, or on standard input, that will be run as a script. */
function scriptsOf(name: string, rest: readonly string[], raw: RawCommand): readonly string[] {
  if (SHELLS.test(name)) return shellScripts(rest, raw.stdin);
  if (INTERPRETERS.test(name)) return interpreterScripts(name, rest, raw.stdin);
  switch (name) {
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
      return raw.stdin === undefined ? [] : [raw.stdin.replace(/^[\s\d*/,-]{5,}(?=\S)/gm, "")];
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
  const reads = rest.every((word) => word.startsWith("-")) || rest.includes("-s");
  return reads && stdin !== undefined ? [stdin] : [];
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
