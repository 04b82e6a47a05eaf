import { limitFlag, YES } from "../../flags.ts";
import { parseInteger, parseLength, parseText } from "../../parse.ts";
import { group, type Route, verb } from "../../verb.ts";

const TABLE = {
  kind: "tuple",
  parameters: [{
    parse: parseText,
    placeholder: "table",
    brief: "Table or view, with its schema if need be",
  }],
} as const;

const SQL = {
  kind: "tuple",
  parameters: [{ parse: parseText, placeholder: "sql", brief: "One statement" }],
} as const;

const TIMEOUT = {
  timeout: {
    kind: "parsed",
    parse: parseLength,
    default: "30s",
    placeholder: "TIME",
    brief: "Stop the statement after this long",
  },
} as const;

const migrations: Route = group("What has been migrated", {
  status: verb({
    brief: "List applied and pending migrations",
    examples: [{ line: "infra db migrations status" }],
    exits: ["failure", "invalid", "unavailable"],
    load: () => import("./migrations_status.ts"),
  }),
  history: verb({
    brief: "List applied migrations with checksum and time",
    positional: {
      kind: "tuple",
      parameters: [{
        parse: parseText,
        placeholder: "extension",
        default: "core",
        brief: "Whose migrations",
      }],
    },
    examples: [{ line: "infra db migrations history" }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./migrations_history.ts"),
  }),
});

export const db: Route = group("Look at and change the database", {
  query: verb({
    brief: "Run one reading statement",
    description:
      "Runs in a read-only transaction, as a role that may only read, with a time limit:\n" +
      "PostgreSQL refuses what would write. Integers beyond 2^53 and numeric values print as text.",
    positional: SQL,
    flags: {
      ...limitFlag(1000, 1_000_000),
      offset: {
        kind: "parsed",
        parse: parseInteger(0),
        default: "0",
        placeholder: "N",
        brief: "Skip this many rows",
      },
      ...TIMEOUT,
    },
    examples: [
      { line: `infra db query "select decision, count(*) from audit group by 1"` },
      { line: `infra db query "select * from audit order by id desc" --limit 5 --json` },
    ],
    exits: ["notFound", "denied", "invalid", "unavailable"],
    load: () => import("./query.ts"),
  }),
  execute: verb({
    brief: "Run one changing statement, recorded in the audit",
    description:
      "Runs as the owner of the database in one transaction with the row that records it:\n" +
      "both become durable or neither. The audit itself stays append-only.",
    positional: SQL,
    flags: { ...YES, ...TIMEOUT },
    examples: [{ line: `infra db execute "analyze audit" --yes` }],
    exits: ["failure", "notFound", "denied", "invalid", "unavailable"],
    load: () => import("./execute.ts"),
  }),
  tables: verb({
    brief: "List tables with rows and size",
    flags: {
      filter: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "TEXT",
        brief: "Only names that contain this",
      },
      partitions: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "List partitions too",
      },
    },
    examples: [
      { line: "infra db tables" },
      { line: "infra db tables --filter audit --partitions" },
    ],
    exits: ["unavailable"],
    load: () => import("./tables.ts"),
  }),
  describe: verb({
    brief: "Show columns and indexes of a table",
    positional: TABLE,
    examples: [{ line: "infra db describe audit" }],
    exits: ["notFound", "unavailable"],
    load: () => import("./describe.ts"),
  }),
  count: verb({
    brief: "Count the rows of a table",
    positional: TABLE,
    examples: [{ line: "infra db count audit" }],
    exits: ["notFound", "unavailable"],
    load: () => import("./count.ts"),
  }),
  indexes: verb({
    brief: "List indexes",
    flags: {
      table: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "TABLE",
        brief: "Only those of this table",
      },
    },
    examples: [{ line: "infra db indexes --table audit" }],
    exits: ["notFound", "unavailable"],
    load: () => import("./indexes.ts"),
  }),
  size: verb({
    brief: "Show the size of the database and its largest tables",
    flags: { ...limitFlag(10, 1000) },
    examples: [{ line: "infra db size" }],
    exits: ["unavailable"],
    load: () => import("./size.ts"),
  }),
  info: verb({
    brief: "Show version, name, size and tables",
    examples: [{ line: "infra db info" }],
    exits: ["unavailable"],
    load: () => import("./info.ts"),
  }),
  status: verb({
    brief: "Say whether the database answers and keeps what it confirms",
    examples: [{ line: "infra db status --json" }],
    exits: ["invalid", "unavailable"],
    load: () => import("./status.ts"),
  }),
  validate: verb({
    brief: "Compare the database with what this version expects",
    description:
      "Expected and actual tables, pending or changed migrations, triggers that were switched off,\n" +
      "indexes that are not valid.",
    examples: [{ line: "infra db validate" }],
    exits: ["invalid", "unavailable"],
    load: () => import("./validate.ts"),
  }),
  migrate: verb({
    brief: "Bring the database up to this version",
    examples: [{ line: "infra db migrate" }],
    exits: ["failure", "invalid", "unavailable"],
    load: () => import("./migrate.ts"),
  }),
  migrations,
  backup: verb({
    brief: "Write everything in the database to one sealed file",
    description:
      "As of one moment, while the service runs; compressed, and sealed by a key that comes from the master key.\n" +
      "The file appears when it is whole. The master key is not in it: keep it elsewhere.",
    flags: {
      output: {
        kind: "parsed",
        parse: parseText,
        optional: true,
        placeholder: "PATH",
        brief: "A file or folder; the profile's folder for backups unless given",
      },
      list: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "List what is in the folder for backups instead",
      },
    },
    examples: [{ line: "infra db backup --output /mnt/backups" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./backup.ts"),
  }),
  restore: verb({
    brief: "Put a backup in the place of the database",
    description:
      "The service has to be stopped. The backup is restored into a database beside, which takes the place of the\n" +
      "one before when it is whole; that one is kept under another name. What fails leaves everything as it was.",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "file", brief: "A backup" }],
    },
    flags: {
      ...YES,
      dryRun: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Read it to its end and say what it holds, and do nothing",
      },
    },
    examples: [{ line: "infra db restore spgov-20260801T034000Z.backup --dry-run" }],
    exits: ["failure", "notFound", "invalid", "unavailable"],
    load: () => import("./restore.ts"),
  }),
  assignAdmin: verb({
    brief: "Give a user the role admin",
    positional: {
      kind: "tuple",
      parameters: [{ parse: parseText, placeholder: "user", brief: "Id, email or name" }],
    },
    examples: [{ line: "infra db assign-admin ada@example.com" }],
    exits: ["failure", "notFound", "unavailable"],
    load: () => import("./assign_admin.ts"),
  }),
});
