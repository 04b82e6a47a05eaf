import type { ConfiningHost } from "./host.ts";
import { type LaunchPlan, OWN_UID } from "./plan.ts";
import type { HostTools } from "./tools.ts";

/**
 * The program that egress may run, and the only one: it starts the configured servers, as configured and
 * confined, and nothing else. Its text is for people to read.
 *
 * Standard input is relayed, so that its end can be seen whoever holds the other side, and however that ended.
 * Each server runs in a session of its own, which is ended as a whole.
 */
export function launcherText(plans: readonly LaunchPlan[], host: ConfiningHost): string {
  return `#!/bin/sh
# Written by spgov from its configuration, and again whenever that changes. Egress may run this file and
# nothing else: it starts the servers of services/mcp.
# Usage: launch-mcp <server>. When its input ends, the server and all that it has started have two seconds
# to end by themselves, then two more after SIGTERM. SIGHUP ends them at once.

trap '' USR1 TERM
trap 'kill -TERM 0' HUP
ulimit -c 0
umask 077
${idText(host)}
case \${1-} in
${plans.filter(({ problem }) => problem === undefined).map(caseText(host)).join("\n")}
*)
  echo "spgov: there is no server '\${1-}' to start" >&2
  exit 64
  ;;
esac
${RUN(host.tools)}`;
}

/** Processes are told apart by their number: as long as this one lives, nobody else gets its user id. */
function idText({ root, wideIds }: ConfiningHost): string {
  if (!root) return "";
  return wideIds ? "uid=$((1000000000 + $$))" : "uid=$((30000 + $$ % 30000))";
}

const caseText = (host: ConfiningHost) => (plan: LaunchPlan): string => {
  const { tools: { mktemp, chown }, temporary } = host;
  const scratch = plan.confinement === "bwrap" ? [] : [
    `scratch=$(${quote(mktemp)} -d ${quote(`${temporary}/spgov-mcp-XXXXXX`)}) || exit 71`,
    ...plan.gid === undefined ? [] : [`${quote(chown)} "$uid:${plan.gid}" "$scratch" || exit 71`],
  ];
  const home = plan.confinement === "bwrap" ? "/tmp" : '"$scratch"';
  return [
    `${quote(plan.server)})`,
    ...scratch,
    ...plan.keepsHome ? [] : [`export HOME=${home}`],
    `cd ${plan.folder === undefined ? '"$scratch"' : quote(plan.folder)} || exit 72`,
    ...plan.gid === undefined ? [] : [`gid=${plan.gid}`, "umask 007"],
    `set -- ${plan.words.map(wordText).join(" ")}`,
    ";;",
  ].join("\n  ");
};

function wordText(word: string): string {
  return word === OWN_UID ? '"$uid"' : quote(word);
}

/** A word for the shell. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

const RUN = ({ cat, sleep, rm, setsid, setpriv, sh }: HostTools): string => `
# Passes the input on. Its end is the sign that nobody needs the server any more.
relay() {
  trap exit TERM
  trap : USR1
  ${quote(cat)}
  exec >/dev/null
  ${quote(sleep)} 2
  kill -USR1 0
  ${quote(sleep)} 2
  kill -TERM 0
}

# Runs the server and ends whatever is left of it.
own() {
  trap 'caught=1; kill -TERM "-$child"' USR1
  trap 'caught=1; kill -KILL "$child" "-$child"' TERM
  exec 3<&0
  ${setsid === undefined ? "set -m\n  " : `${quote(setsid)} `}"$@" <&3 3<&- &
  child=$!
  exec </dev/null >/dev/null 2>&1 3<&-
  caught=1
  while [ -n "$caught" ]; do
    caught=
    wait "$child"
    status=$?
  done
  trap '' USR1 TERM
  kill -KILL "-$child"
  ${setpriv === undefined ? "" : sweep(setpriv, sh)}
  [ -z "\${scratch-}" ] || ${quote(rm)} -rf "$scratch"
  kill -TERM 0
  exit "$status"
}

unset OLDPWD
exec 3<&0
relay <&3 3<&- | own "$@" 3<&- &
owner=$!
exec </dev/null >/dev/null 2>&1 3<&-
while wait "$owner"; status=$?; kill -0 "$owner"; do :; done
wait
exit "$status"
`;

/** Ends what left the session: nobody else is this user. */
function sweep(setpriv: string, sh: string): string {
  const become = `${quote(setpriv)} --reuid "$uid" --regid "$gid" --clear-groups --`;
  return `[ -z "\${gid-}" ] || ${become} ${quote(sh)} -c 'kill -KILL -1'`;
}
