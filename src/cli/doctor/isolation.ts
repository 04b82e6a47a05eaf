import { findConfiningHost } from "../../confinement/mod.ts";
import { type Check, ok, warn } from "./check.ts";

/** How far MCP servers that are child processes are confined here: `bwrap`, `uid` or `none`. */
export const isolation: Check = {
  name: "isolation",
  async run({ env }) {
    const { level, root, why } = await findConfiningHost(env);
    switch (level) {
      case "bwrap":
        return ok(
          `bwrap: servers get name spaces of their own${root ? ", each child a user" : ""}`,
        );
      case "uid":
        return ok(`uid: each child of a server is a user of its own (${why})`);
      case "none":
        return warn(
          `none: servers could read each other's environment (${why})`,
          "Install bubblewrap (bwrap), or start as root so that each child gets a user of its own.",
        );
    }
  },
};
