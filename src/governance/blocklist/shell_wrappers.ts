import { positionalsOf, runsScripts, scriptsOf } from "./shell_nested.ts";
import { afterOptions, indexOrLength, type Wrapper } from "./shell_options.ts";
import type { RawCommand, ShellCommand } from "./shell_script.ts";

/** The commands that a command line amounts to, and the scripts that they run in turn. */
export interface Unwrapped {
  readonly commands: readonly ShellCommand[];
  readonly scripts: readonly NestedScript[];
}

/** Text that a command runs as a script. */
export interface NestedScript {
  readonly text: string;
  /** `$0`, `$1` … of the script, where the command line says them. */
  readonly words: readonly string[] | undefined;
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

const CONTAINERS = /^(docker|podman|nerdctl|kubectl|oc|lxc|nsenter|vagrant|heroku|fly|flyctl)$/;
/** What is worth finding behind a container's own options. */
const INNER =
  /^(r?bash|sh|zsh|dash|ash|rm|rmdir|dd|mkfs.*|shred|wipefs|find|chmod|chown|kill|killall|shutdown|reboot|cat|curl|wget|nc|ncat|psql|mysql|mariadb|sqlite3|mongosh|mongo|redis-cli|env|sudo)$/;
const FINDERS = new Set(["find", "fd", "fdfind"]);
const MAX_WRAPPERS = 16;
const MAX_CACHED = 4096;
const NOTHING: readonly string[] = [];
const plainNames = new Map<string, boolean>();

/** Whether a command runs nothing but itself; most do, so the answer is remembered by name. */
function isPlain(name: string): boolean {
  const known = plainNames.get(name);
  if (known !== undefined) return known;
  const plain = !Object.hasOwn(WRAPPERS, name) && !runsScripts(name) && !FINDERS.has(name) &&
    !CONTAINERS.test(name);
  if (plainNames.size >= MAX_CACHED) plainNames.clear();
  plainNames.set(name, plain);
  return plain;
}

/** Follows wrappers (`sudo`, `env`, `xargs`, `find -exec` ...) to what really runs. */
export function unwrap(raw: RawCommand): Unwrapped {
  const commands: ShellCommand[] = [];
  const scripts: NestedScript[] = [];
  let words: readonly string[] = raw.words;
  for (let i = 0; i < MAX_WRAPPERS; i++) {
    words = skipAssignments(words);
    const name = baseName(words[0] ?? "");
    const rest = words.slice(1);
    commands.push(toCommand(raw, name, rest));
    if (isPlain(name)) return { commands, scripts };
    const texts = scriptsOf(name, rest, raw.stdin);
    const given = texts.length === 0 ? undefined : positionalsOf(name, rest);
    for (const text of texts) scripts.push({ text, words: given });
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
