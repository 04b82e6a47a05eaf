import { buildInfo, formatBuildInfo } from "../../kernel/build_info.ts";
import { type Check, ok, warn } from "./check.ts";

/** The version that the product is built and tested with. */
const EXPECTED = "2.9.6";

export const runtime: Check = {
  name: "runtime",
  run() {
    const says = formatBuildInfo(buildInfo());
    return Deno.version.deno === EXPECTED
      ? ok(says)
      : warn(says, `Tested with Deno ${EXPECTED}: run "npx -y deno@${EXPECTED} task start".`);
  },
};
