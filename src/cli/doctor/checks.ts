import type { Check } from "./check.ts";
import { clock } from "./clock.ts";
import { database } from "./database.ts";
import { coreDumps } from "./core_dumps.ts";
import { disk } from "./disk.ts";
import { environment } from "./environment.ts";
import { ballast, home, keyFiles, profile } from "./home.ts";
import { isolation } from "./isolation.ts";
import { port } from "./port.ts";
import { postgres } from "./postgres.ts";
import { runtime } from "./runtime.ts";
import { secrets } from "./secrets.ts";
import { ownLogins } from "./own_logins.ts";

/** Everything that `spgov doctor` looks at, in the order of the report. Add a line to add a check. */
export const CHECKS: readonly Check[] = [
  runtime,
  environment,
  home,
  profile,
  keyFiles,
  disk,
  ballast,
  clock,
  port,
  postgres,
  database,
  ownLogins,
  secrets,
  isolation,
  coreDumps,
];
