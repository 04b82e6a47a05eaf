import { forbidCoreDumps, leavesNoCore } from "../../kernel/core_dumps.ts";
import { homeAt } from "../../kernel/home.ts";
import { findService } from "../../kernel/service_file.ts";
import { type Check, ok, warn } from "./check.ts";

const HINT = "Install prlimit (util-linux), or start with LimitCORE=0 or `ulimit -c 0`.";

/** Whether a crash leaves a file with the memory of the service, and so its keys. */
export const coreDumps: Check = {
  name: "core-dumps",
  async run({ home }) {
    const service = await findService(homeAt(home).serviceFile);
    const pid = service?.pid;
    const isSafe = pid === undefined ? await forbidCoreDumps() : await leavesNoCore(pid);
    return isSafe
      ? ok("A crash leaves no core file")
      : warn("A crash may leave a core file, which holds keys", HINT);
  },
};
