import type { LogSinkConfig } from "../../profile/mod.ts";
import { idOf, levelOf, type LogEvent, messageOf, timeOf } from "./event.ts";
import { documentText, formatEvent } from "./format.ts";
import type { HttpForm, Piece } from "./http_sink.ts";
import { type Refusal, SinkFailure } from "./sink.ts";

type ConfigOf<Type extends LogSinkConfig["type"]> = Extract<LogSinkConfig, { readonly type: Type }>;

const NDJSON = { "content-type": "application/x-ndjson" };
const JSON_TYPE = { "content-type": "application/json" };
const MB = 1024 * 1024;

/** Splunk's HTTP event collector: objects one after the other, `event` within each. */
export function splunkForm(config: ConfigOf<"splunk">): HttpForm {
  const url = withPath(config.url, "/services/collector/event");
  return {
    most: { count: config.batch, characters: 2 * MB },
    write: (event) =>
      documentText({
        time: timeOf(event).getTime() / 1000,
        host: event.writer,
        source: `spgov:${event.source}`,
        sourcetype: config.sourcetype,
        ...config.index !== undefined && { index: config.index },
        event: formatEvent(event, config.format),
      }),
    request: (pieces, secret) => ({
      url,
      headers: { ...JSON_TYPE, authorization: `Splunk ${secret}` },
      body: linesOf(pieces),
    }),
    read(body) {
      const { code, text } = parse(body);
      if (code === 0) return [];
      throw new SinkFailure(`Code ${code}: ${text}`);
    },
  };
}

/** Elasticsearch's and OpenSearch's bulk endpoint. An event that is there already counts as taken. */
export function elasticForm(config: ConfigOf<"elastic">): HttpForm {
  const url = withPath(config.url, `/${config.index}/_bulk`);
  return {
    most: { count: config.batch, characters: 5 * MB },
    write(event) {
      const document = formatEvent(event, config.format);
      const at = { "@timestamp": timeOf(event).toISOString() };
      return `${documentText({ create: { _id: idOf(event) } })}\n${
        documentText({ ...at, ...document })
      }`;
    },
    request: (pieces, secret) => ({
      url,
      headers: { ...NDJSON, ...elasticLogin(config.user, secret) },
      body: linesOf(pieces),
    }),
    read: (body, pieces) => readBulk(parse(body), pieces),
  };
}

function elasticLogin(
  user: string | undefined,
  secret: string | undefined,
): Record<string, string> {
  if (secret === undefined) return {};
  if (user === undefined) return { authorization: `ApiKey ${secret}` };
  return { authorization: `Basic ${btoaUtf8(`${user}:${secret}`)}` };
}

function btoaUtf8(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

interface BulkItem {
  readonly create?: { readonly status?: number; readonly error?: unknown };
}

function readBulk(answer: Readonly<Record<string, unknown>>, pieces: readonly Piece[]): Refusal[] {
  if (answer.errors === false) return [];
  const items = Array.isArray(answer.items) ? answer.items as readonly BulkItem[] : [];
  if (items.length !== pieces.length) throw new SinkFailure("Its answer tells not of every event");
  const refusals: Refusal[] = [];
  items.forEach(({ create }, index) => {
    const status = create?.status ?? 0;
    // 409: it has the event from an earlier attempt.
    if ((status >= 200 && status < 300) || status === 409) return;
    const reason = `HTTP ${status}: ${JSON.stringify(create?.error ?? null).slice(0, 300)}`;
    if (status === 400 || status === 413 || status === 422) {
      return refusals.push({ event: pieces[index]?.event, count: 1, reason });
    }
    throw new SinkFailure(reason);
  });
  if (refusals.length < items.length || items.length === 1 && refusals.length === 0) {
    return refusals;
  }
  throw new SinkFailure(`It refuses everything: ${refusals[0]?.reason}`);
}

/** Datadog's intake of logs. */
export function datadogForm(config: ConfigOf<"datadog">): HttpForm {
  const url = withPath(config.url, "/api/v2/logs");
  return {
    most: { count: Math.min(config.batch, 1000), characters: 4 * MB },
    write: (event) =>
      documentText({
        ddsource: "spgov",
        service: config.service,
        hostname: event.writer,
        status: levelOf(event),
        timestamp: timeOf(event).getTime(),
        message: messageOf(event),
        ...config.tags !== undefined && { ddtags: config.tags },
        spgov: formatEvent(event, config.format),
      }),
    request: (pieces, secret) => ({
      url,
      headers: { ...JSON_TYPE, "dd-api-key": secret ?? "" },
      body: `[${pieces.map(({ text }) => text).join(",")}]`,
    }),
    read: () => [],
  };
}

/** A Sumo Logic HTTP source: a document a line; the last part of the address is the credential. */
export function sumoForm(config: ConfigOf<"sumo">): HttpForm {
  const base = config.url.replace(/\/+$/, "");
  return {
    most: { count: config.batch, characters: MB },
    write: (event) => documentText(formatEvent(event, config.format)),
    request: (pieces, secret) => ({
      url: `${base}/${encodeURIComponent(secret ?? "").replaceAll("%3D", "=")}`,
      headers: {
        ...NDJSON,
        "x-sumo-category": config.category,
        "x-sumo-name": "spgov",
        "x-sumo-host": pieces[0]?.event.writer ?? "spgov",
      },
      body: linesOf(pieces),
    }),
    read: () => [],
  };
}

const SEVERITY_NUMBERS = { debug: 5, info: 9, warn: 13, error: 17 } as const;

/** OpenTelemetry logs over HTTP, as JSON. */
export function otlpForm(config: ConfigOf<"otlp">, version: string): HttpForm {
  const url = /\/v1\/logs$/.test(config.url) ? config.url : withPath(config.url, "/v1/logs");
  return {
    most: { count: config.batch, characters: 4 * MB },
    write: (event) => documentText(otlpRecord(event, config.format)),
    request: (pieces, secret) => ({
      url,
      headers: {
        ...JSON_TYPE,
        ...secret !== undefined && { authorization: `Bearer ${secret}` },
      },
      body: otlpBody(pieces, version),
    }),
    read(body, pieces) {
      const partial = (body === "" ? {} : parse(body)).partialSuccess as
        | { rejectedLogRecords?: unknown; errorMessage?: unknown }
        | undefined;
      const count = Math.min(Number(partial?.rejectedLogRecords ?? 0), pieces.length);
      // It does not say which, and must not be sent them again.
      return count > 0
        ? [{ event: undefined, count, reason: String(partial?.errorMessage ?? "") }]
        : [];
    },
  };
}

function otlpBody(pieces: readonly Piece[], version: string): string {
  const byWriter = Map.groupBy(pieces, ({ event }) => event.writer);
  const resources = [...byWriter].map(([writer, members]) => {
    const attributes = attributesOf({
      "service.name": "spgov",
      "service.version": version,
      "service.instance.id": writer,
    });
    const records = members.map(({ text }) => text).join(",");
    return `{"resource":${
      documentText({ attributes })
    },"scopeLogs":[{"scope":{"name":"spgov"},"logRecords":[${records}]}]}`;
  });
  return `{"resourceLogs":[${resources.join(",")}]}`;
}

function otlpRecord(event: LogEvent, format: LogSinkConfig["format"]): unknown {
  const document = formatEvent(event, format);
  const level = levelOf(event);
  const traceId = event.source === "audit" ? event.row.traceId : event.line.traceId;
  return {
    timeUnixNano: `${timeOf(event).getTime()}000000`,
    observedTimeUnixNano: `${timeOf(event).getTime()}000000`,
    severityNumber: SEVERITY_NUMBERS[level],
    severityText: level.toUpperCase(),
    eventName: `spgov.${event.source}`,
    body: { stringValue: messageOf(event) },
    attributes: attributesOf({ "log.record.uid": idOf(event), ...document }),
    ...isTraceId(traceId) && { traceId },
  };
}

/** Callers name traces as they like; OpenTelemetry takes 32 digits that are not all 0. */
function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text) && !/^0+$/.test(text);
}

function attributesOf(members: Readonly<Record<string, unknown>>): unknown[] {
  return Object.entries(members).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: unknown): unknown {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { intValue: `${value}` } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value !== "object" || value === null) return {};
  return {
    kvlistValue: {
      values: Object.entries(value).map(([key, member]) => ({ key, value: anyValue(member) })),
    },
  };
}

function linesOf(pieces: readonly Piece[]): string {
  return `${pieces.map(({ text }) => text).join("\n")}\n`;
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new SinkFailure(`Its answer is no JSON object: ${body.slice(0, 100)}`);
}

/** The address with `path`, unless it has one already. */
function withPath(url: string, path: string): string {
  const { pathname } = new URL(url);
  return pathname === "/" ? new URL(path, url).href : url;
}
