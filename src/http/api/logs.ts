import * as z from "zod";
import { LOG_LEVELS } from "../../kernel/log.ts";
import {
  clearLevels,
  findLine,
  type LevelChange,
  levelsFrom,
  lineDocument,
  listLevelChanges,
  listLines,
  listSinks,
  setLevel,
  type SinkState,
} from "../../logs/mod.ts";
import { AppError } from "../../kernel/errors.ts";
import { adminEvent } from "./admin_event.ts";
import type { EgressContext, GatewayContext } from "./context.ts";
import { declareRoutes, mapPage, pageFrom, pageOf, paramOf } from "./route.ts";
import { moment, reference, timestamp } from "./schemas.ts";

const read = declareRoutes<GatewayContext>("gateway", "Logs");
const write = declareRoutes<EgressContext>("egress", "Logs");

const level = z.enum(LOG_LEVELS);

const lineSchema = z.object({
  id: z.uuid(),
  timestamp,
  level,
  isolate: z.string(),
  module: z.string(),
  message: z.string(),
  user_id: z.string(),
  session_id: z.string(),
  task_id: z.string(),
  trace_id: z.string(),
  context_id: z.string(),
  client_id: z.string(),
  fields: z.record(z.string(), z.unknown()),
}).meta({ id: "LogLine" });

const levelSchema = z.object({
  module: z.string().describe("`*`: every module that has none of its own"),
  level,
  set_by: z.string(),
  set_at: timestamp,
  until: timestamp.nullable(),
}).meta({ id: "LogLevel" });

const sinkSchema = z.object({
  name: z.string(),
  delivered: z.int(),
  refused: z.int(),
  waiting: z.int().describe("Batches of the audit and lines that it has not taken yet"),
  last_delivered_at: timestamp.nullable(),
  failing_since: timestamp.nullable(),
  last_error: z.string().nullable(),
}).meta({ id: "LogSink" });

function levelView({ module, level, setBy, setAt, until }: LevelChange) {
  return {
    module,
    level,
    set_by: setBy,
    set_at: setAt.toISOString(),
    until: until?.toISOString() ?? null,
  };
}

function sinkView(sink: SinkState): z.input<typeof sinkSchema> {
  return {
    name: sink.name,
    delivered: sink.delivered,
    refused: sink.refused,
    waiting: sink.waiting,
    last_delivered_at: sink.lastDeliveredAt?.toISOString() ?? null,
    failing_since: sink.failingSince?.toISOString() ?? null,
    last_error: sink.lastError,
  };
}

const MODULE = /^(\*|[a-z][a-z0-9_-]{0,62})$/;

export const LOG_ROUTES = [
  read.list({
    path: "/api/v1/logs",
    permission: "logs:read",
    summary: "Lists log lines, newest first",
    query: z.strictObject({
      level: level.optional().describe("This level and the graver ones"),
      trace_id: reference.optional(),
      session_id: reference.optional(),
      since: moment.optional(),
      until: moment.optional(),
    }),
    key: z.uuid(),
    output: lineSchema,
    async run({ sql }, { query: { level, trace_id, session_id, since, until }, after, limit }) {
      const filter = {
        levels: level && levelsFrom(level),
        ...{ trace: trace_id, session: session_id, since, until },
      };
      const lines = await listLines(sql, filter, after, limit + 1);
      return mapPage(pageOf(lines, limit, ({ id }) => id), (line) => ({ ...lineDocument(line) }));
    },
  }),
  read.item({
    path: "/api/v1/logs/lines/:id",
    permission: "logs:read",
    summary: "Shows a log line",
    output: lineSchema,
    async run({ sql }, input) {
      const id = z.uuid().safeParse(paramOf(input, "id"));
      const line = id.success ? await findLine(sql, id.data) : undefined;
      if (line) return { ...lineDocument(line) };
      throw new AppError("not_found", `There is no line ${JSON.stringify(paramOf(input, "id"))}`);
    },
  }),
  read.list({
    path: "/api/v1/logs/levels",
    permission: "logs:read",
    summary: "Lists the levels that were set while running",
    query: z.strictObject({}),
    key: reference,
    output: levelSchema,
    run: async ({ sql }, { after, limit }) =>
      mapPage(
        pageFrom(await listLevelChanges(sql), ({ module }) => module, after, limit),
        levelView,
      ),
  }),
  write.item({
    method: "PUT",
    path: "/api/v1/logs/levels/:module",
    permission: "logs:write",
    summary: "Sets the level of a module until it is cleared, or until a time",
    body: z.strictObject({ level, until: moment.optional() }).meta({ id: "NewLogLevel" }),
    output: levelSchema,
    async run(context, { actor, body: { level, until }, ...input }) {
      const module = paramOf(input, "module");
      if (!MODULE.test(module)) {
        throw new AppError("invalid", `${JSON.stringify(module)} is no name of a module`);
      }
      await context.sql.begin(async (sql) => {
        await setLevel(sql, { module, level, setBy: actor.userId, until: until ?? null });
        const detail = { module, level, until: until?.toISOString() ?? null };
        await context.vault.record(sql, [adminEvent(actor, "logs:level_set", detail)]);
      });
      const set = (await listLevelChanges(context.sql)).find((each) => each.module === module);
      if (set) return levelView(set);
      throw new AppError("invalid", "Cannot set a level until a time that is over");
    },
  }),
  write.item({
    method: "DELETE",
    path: "/api/v1/logs/levels/:module",
    permission: "logs:write",
    summary: "Gives a module its configured level back",
    answer: "empty",
    output: z.null(),
    async run(context, { actor, ...input }) {
      const module = paramOf(input, "module");
      await context.sql.begin(async (sql) => {
        if (await clearLevels(sql, module) === 0) {
          throw new AppError("not_found", `No level was set for ${JSON.stringify(module)}`);
        }
        await context.vault.record(sql, [adminEvent(actor, "logs:level_cleared", { module })]);
      });
      return null;
    },
  }),
  read.list({
    path: "/api/v1/logs/sinks",
    permission: "logs:read",
    summary: "Lists the collectors that lines are sent to, and how far behind they are",
    query: z.strictObject({}),
    key: reference,
    output: sinkSchema,
    run: async ({ sql }, { after, limit }) =>
      mapPage(pageFrom(await listSinks(sql), ({ name }) => name, after, limit), sinkView),
  }),
];
