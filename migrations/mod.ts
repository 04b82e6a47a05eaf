import { type Migration, migrationOf } from "../src/db/mod.ts";
import audit from "./0001_audit.sql" with { type: "text" };
import identity from "./0002_identity.sql" with { type: "text" };
import reader from "./0003_reader.sql" with { type: "text" };

/** Every migration, in order. A new file is a new line here: the executable carries them as text. */
export const MIGRATIONS: readonly Migration[] = [
  migrationOf("0001_audit.sql", audit),
  migrationOf("0002_identity.sql", identity),
  migrationOf("0003_reader.sql", reader),
];
