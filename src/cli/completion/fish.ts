import type { CliContext } from "../context.ts";
import { GLOBAL_WORDS, listNodes, type Node, quote, VALUE_FLAGS } from "./nodes.ts";

export default async function fish(this: CliContext): Promise<void> {
  const text = fishScript(await listNodes());
  this.out.text({ kind: "completion", text, data: { shell: "fish", script: text } });
}

function fishScript(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, commands, flags }) => [
    ...commands.map(({ word, brief }) =>
      `complete -c spgov -f -n ${quote(`__spgov_at "${path}"`)} -a ${word} -d ${quote(brief)}`
    ),
    ...flags.map(({ word, brief }) =>
      `complete -c spgov -n ${quote(`__spgov_in "${path}"`)} -l ${word.slice(2)} -d ${quote(brief)}`
    ),
  ]);
  const everywhere = GLOBAL_WORDS.map(({ word, brief }) =>
    `complete -c spgov -l ${word.slice(2)} -d ${quote(brief)}`
  );
  return `# fish completion for spgov
function __spgov_path
    set -l path
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word ${VALUE_FLAGS.join(" ")}
            set skip 1
        else if not string match -q -- '-*' $word
            set -a path $word
        end
    end
    echo -n "$path"
end
function __spgov_at
    test (__spgov_path) = "$argv[1]"
end
function __spgov_in
    string match -q -- "$argv[1]*" (__spgov_path)
end
${[...lines, ...everywhere].join("\n")}
`;
}
