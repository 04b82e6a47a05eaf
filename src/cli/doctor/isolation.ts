import { type Check, ok, warn } from "./check.ts";

/** How well a tool's process can be kept from its siblings: `bwrap`, `uid` or `none`. */
export const isolation: Check = {
  name: "isolation",
  async run({ env }) {
    if (await canUseBubblewrap(env.PATH ?? "")) {
      return ok("bwrap: tools get namespaces of their own");
    }
    if (Deno.uid() === 0) {
      return ok("uid: each tool server runs as a user of its own (bwrap is not to be had)");
    }
    return warn(
      "none: tools of this user could read each other's environment",
      "Install bubblewrap (bwrap), or start as root so that each tool server gets its own user.",
    );
  },
};

/** Installed is not enough: many hosts forbid user namespaces. */
async function canUseBubblewrap(path: string): Promise<boolean> {
  for (const folder of path.split(":").filter((part) => part !== "")) {
    const file = await Deno.stat(`${folder}/bwrap`).catch(() => undefined);
    if (!file?.isFile) continue;
    const { success } = await new Deno.Command(`${folder}/bwrap`, {
      args: ["--ro-bind", "/", "/", "--unshare-net", "--unshare-pid", "--proc", "/proc", "true"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  }
  return false;
}
