import { findConfiningHost } from "../../confinement/mod.ts";
import { type Check, ok, warn } from "./check.ts";

const OPEN_NETWORK = "NOTHING cuts their network, whatever `network` in their files says";

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
        return warn(
          `uid: each child of a server is a user of its own (${why}); ${OPEN_NETWORK}`,
          "Install bubblewrap (bwrap), or say `confinement: bwrap` in the files of servers that must not start without.",
        );
      case "none":
        return warn(
          `none: servers could read each other's environment (${why}); ${OPEN_NETWORK}`,
          "Install bubblewrap (bwrap), or say `confinement: bwrap` in the files of servers that must not start without.",
        );
    }
  },
};
