import * as z from "zod";
import { SURFACES } from "../../kernel/errors.ts";
import { VERSION } from "../../kernel/version.ts";
import type { ApiRoute } from "./route.ts";
import { API_ROUTES } from "./table.ts";

type Json = Readonly<Record<string, unknown>>;

const PROBLEM = {
  type: "object",
  description: "RFC 9457",
  required: ["type", "title", "status", "code"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", enum: Object.keys(SURFACES) },
    hint: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["in", "path", "message"],
        properties: {
          in: { type: "string", enum: ["path", "query", "body"] },
          path: { type: "string" },
          message: { type: "string" },
        },
      },
    },
  },
};

const header = (name: string, description: string) => ({
  name,
  in: "header",
  required: false,
  description,
  schema: { type: "string" },
});

const HEADERS = {
  IfMatch: header("If-Match", "The ETag of what was read: refused with 412 when it is another now"),
  IfNoneMatch: header("If-None-Match", "The ETag of what is known: 304 while it is the same"),
  IdempotencyKey: header(
    "Idempotency-Key",
    "Makes the same request, sent again within a day, answer what it answered at first",
  ),
};

let built: Json | undefined;

/** The API as an OpenAPI 3.1 document, from the same table that serves it. */
export function openApiDocument(): Json {
  return built ??= build();
}

function build(): Json {
  const schemas: Record<string, unknown> = { Problem: PROBLEM };
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of API_ROUTES) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: "3.1.0",
    info: { title: "spgov", version: VERSION },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas,
      parameters: HEADERS,
      responses: { Problem: { description: "What went wrong", content: problemContent() } },
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
  };
}

function problemContent(): Json {
  return { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
}

function operationOf(route: ApiRoute, schemas: Record<string, unknown>): Json {
  return {
    operationId: operationIdOf(route),
    tags: [route.tag],
    summary: route.summary,
    "x-spgov-permission": route.permission,
    parameters: [...pathParameters(route), ...queryParameters(route), ...headersOf(route)],
    ...route.body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: schemaOf(route.body, "input", schemas) } },
      },
    },
    responses: {
      ...successOf(route, schemas),
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

/** `get_users_id`. */
function operationIdOf({ method, path }: ApiRoute): string {
  const words = path.replace("/api/v1/", "").split("/").map((word) => word.replace(":", ""));
  return [method.toLowerCase(), ...words].join("_");
}

function pathParameters({ path }: ApiRoute): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters({ query }: ApiRoute): Json[] {
  const { properties = {} } = plainSchema(query, "input") as { properties?: Record<string, Json> };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: false,
    ...description !== undefined && { description },
    schema,
  }));
}

function headersOf({ method, answer }: ApiRoute): Json[] {
  const ref = (name: keyof typeof HEADERS) => ({ $ref: `#/components/parameters/${name}` });
  if (method === "POST") return [ref("IdempotencyKey")];
  if (method === "GET") return answer === "item" ? [ref("IfNoneMatch")] : [];
  return [ref("IfMatch")];
}

function successOf(route: ApiRoute, schemas: Record<string, unknown>): Json {
  if (route.answer === "empty") return { 204: { description: "Done" } };
  const item = schemaOf(route.output, "output", schemas);
  const content = (schema: Json) => ({ "application/json": { schema } });
  if (route.answer === "list") {
    const page = {
      type: "object",
      required: ["data", "meta"],
      properties: {
        data: { type: "array", items: item },
        meta: {
          type: "object",
          required: ["limit", "next"],
          properties: { limit: { type: "integer" }, next: { type: ["string", "null"] } },
        },
      },
    };
    return { 200: { description: "A page", content: content(page) } };
  }
  const body = { type: "object", required: ["data"], properties: { data: item } };
  const etag = { ETag: { schema: { type: "string" } } };
  if (route.answer === "created") {
    const headers = { ...etag, Location: { schema: { type: "string" } } };
    return { 201: { description: "Created", headers, content: content(body) } };
  }
  return { 200: { description: "As it is now", headers: etag, content: content(body) } };
}

/** The schema, with those that have a name put among `schemas` and referred to. */
function schemaOf(
  schema: z.ZodType,
  io: "input" | "output",
  schemas: Record<string, unknown>,
): Json {
  const { $defs = {}, ...rest } = plainSchema(schema, io);
  for (const [name, definition] of Object.entries($defs as Json)) {
    schemas[name] = withReferences(definition);
  }
  return withReferences(rest) as Json;
}

function plainSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    override({ jsonSchema }) {
      // Its format says the same, legibly.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  return rest;
}

function withReferences(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
