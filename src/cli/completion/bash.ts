import type { CliContext } from "../context.ts";
import { GLOBAL_WORDS, listNodes, type Node, VALUE_FLAGS } from "./nodes.ts";

export default async function bash(this: CliContext): Promise<void> {
  const text = bashScript(await listNodes());
  this.out.text({ kind: "completion", text, data: { shell: "bash", script: text } });
}

function bashScript(nodes: readonly Node[]): string {
  const cases = nodes.map(({ path, commands, flags }) => {
    const words = [...commands, ...flags].map(({ word }) => word).join(" ");
    return `    "${path}") words="${words}" ;;`;
  });
  return `# bash completion for spgov
_spgov() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" at="" words="" i word
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      ${VALUE_FLAGS.join("|")}) ((i++)) ;;
      -*) ;;
      *) at="\${at:+$at }$word" ;;
    esac
  done
  while :; do
    case "$at" in
${cases.map((line) => `  ${line}`).join("\n")}
      *) if [[ "$at" == *" "* ]]; then at="\${at% *}"; continue; fi ;;
    esac
    break
  done
  [[ "$cur" == -* ]] && words="$words ${GLOBAL_WORDS.map(({ word }) => word).join(" ")}"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _spgov spgov
`;
}
