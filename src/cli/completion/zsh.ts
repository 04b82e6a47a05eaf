import type { CliContext } from "../context.ts";
import { GLOBAL_WORDS, listNodes, type Node, quote, VALUE_FLAGS, type Word } from "./nodes.ts";

export default async function zsh(this: CliContext): Promise<void> {
  const text = zshScript(await listNodes());
  this.out.text({ kind: "completion", text, data: { shell: "zsh", script: text } });
}

function described(words: readonly Word[]): string {
  return words.map(({ word, brief }) => quote(`${word}:${brief.replaceAll(":", "\\:")}`)).join(" ");
}

function zshScript(nodes: readonly Node[]): string {
  const cases = nodes.map(({ path, commands, flags }) =>
    `      ${quote(path)}) found=(${described([...commands, ...flags])}) ;;`
  );
  return `#compdef spgov
_spgov() {
  local at="" word i
  local -a found everywhere
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "$word" in
      ${VALUE_FLAGS.join("|")}) ((i++)) ;;
      -*) ;;
      *) at="\${at:+$at }$word" ;;
    esac
  done
  while true; do
    case "$at" in
${cases.join("\n")}
      *) if [[ "$at" == *" "* ]]; then at="\${at% *}"; continue; fi ;;
    esac
    break
  done
  everywhere=(${described(GLOBAL_WORDS)})
  if [[ "$PREFIX" == -* ]]; then found+=("\${everywhere[@]}"); fi
  if (( \${#found} )); then _describe 'spgov' found; else _files; fi
}
if [[ "$funcstack[1]" == _spgov ]]; then _spgov "$@"; else compdef _spgov spgov; fi
`;
}
