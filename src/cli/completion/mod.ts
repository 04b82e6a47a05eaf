import { group, type Route, verb } from "../verb.ts";

function shell(name: string, file: string, load: Loader): Route {
  return verb({
    brief: `Print the completion script for ${name}`,
    examples: [{ line: `completion ${name} > ${file}`, says: "once; new shells have it" }],
    exits: [],
    load,
  });
}

type Loader = () => Promise<typeof import("./bash.ts")>;

export const completion: Route = group("Print a completion script for a shell", {
  bash: shell(
    "bash",
    "~/.local/share/bash-completion/completions/spgov",
    () => import("./bash.ts"),
  ),
  zsh: shell("zsh", "~/.zfunc/_spgov", () => import("./zsh.ts")),
  fish: shell("fish", "~/.config/fish/completions/spgov.fish", () => import("./fish.ts")),
});
