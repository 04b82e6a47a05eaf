import { listCarriers } from "../../kernel/carriers.ts";
import { findProfile } from "../profile.ts";
import { type Check, ok, warn } from "./check.ts";

/** What the dynamic loader and TLS libraries take from the environment: not dropped at start, but told. */
const LOADER = /^(LD_(PRELOAD|AUDIT|LIBRARY_PATH)|SSLKEYLOGFILE)$/;

export const environment: Check = {
  name: "environment",
  async run(context) {
    const { env } = context;
    const keep = (await findProfile(context).catch(() => undefined))?.environment.keep ?? [];
    const loader = Object.keys(env).filter((name) => LOADER.test(name) && !keep.includes(name));
    const open = [...listCarriers(env, keep), ...loader.sort()];
    if (open.length === 0) return ok("No variable reaches past the permission lists");
    return warn(
      `Set: ${open.join(", ")}`,
      "They can carry data or code past the permission lists: unset them, or declare them under " +
        "environment.keep in the profile.",
    );
  },
};
