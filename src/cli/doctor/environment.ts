import { findProfile } from "../profile.ts";
import { type Check, ok, warn } from "./check.ts";

/** Variables by which data can leave or code can enter past the permission lists. */
const RISKY =
  /^(https?|all|no)_proxy$|^(OTEL|NODE|DENO)_|^LD_(PRELOAD|AUDIT|LIBRARY_PATH)$|^SSLKEYLOGFILE$/i;

/** They say where Deno keeps its files or how it prints, nothing more. */
const HARMLESS = new Set([
  "DENO_DIR",
  "DENO_INSTALL",
  "DENO_NO_UPDATE_CHECK",
  "DENO_NO_PROMPT",
  "DENO_DISABLE_NODE_SHIM",
  "DENO_NODE_SHIM_ACTIVE",
  "DENO_VERSION",
  "NODE_VERSION",
]);

export const environment: Check = {
  name: "environment",
  async run(context) {
    const names = Object.keys(context.env).filter((name) =>
      RISKY.test(name) && !HARMLESS.has(name)
    );
    const kept = (await findProfile(context).catch(() => undefined))?.environment.keep ?? [];
    const open = names.filter((name) => !kept.includes(name)).sort();
    if (open.length === 0) return ok("No variable reaches past the permission lists");
    return warn(
      `Set: ${open.join(", ")}`,
      "They can carry data or code past the permission lists: unset them, or declare them under " +
        "environment.keep in the profile.",
    );
  },
};
