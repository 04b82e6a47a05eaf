import type { ScimAnswer, ScimCall } from "../egress/mod.ts";
import type { Tier } from "../kernel/tiers.ts";
import {
  namesVersion,
  readObject,
  type Resource,
  type ScimContext,
  toScimError,
} from "./context.ts";
import { resourceTypes, schemas, serviceProviderConfig } from "./discovery.ts";
import {
  createScimGroup,
  deleteScimGroup,
  getScimGroup,
  patchScimGroup,
  replaceScimGroup,
} from "./groups.ts";
import { type ListAnswer, listGroupsPage, listUsersPage, readWish } from "./list.ts";
import { leavesOut, project, readProjection } from "./projection.ts";
import { ScimError } from "./scim_error.ts";
import {
  createScimUser,
  deleteScimUser,
  getScimUser,
  patchScimUser,
  replaceScimUser,
} from "./users.ts";

/** A kind of resource, and what can be done with it. */
interface Endpoint {
  list(context: ScimContext, wish: ReturnType<typeof readWish>): Promise<ListAnswer>;
  get(context: ScimContext, id: string): Promise<Resource>;
  create(
    context: ScimContext,
    body: Readonly<Record<string, unknown>>,
    roles: readonly Tier[],
  ): Promise<Resource>;
  replace(
    context: ScimContext,
    id: string,
    body: Readonly<Record<string, unknown>>,
  ): Promise<Resource>;
  patch(context: ScimContext, id: string, body: unknown): Promise<Resource>;
  remove(context: ScimContext, id: string): Promise<void>;
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  Users: {
    list: listUsersPage,
    get: getScimUser,
    create: createScimUser,
    replace: replaceScimUser,
    patch: patchScimUser,
    remove: deleteScimUser,
  },
  Groups: {
    list: listGroupsPage,
    get: getScimGroup,
    create: createScimGroup,
    replace: replaceScimGroup,
    patch: patchScimGroup,
    remove: deleteScimGroup,
  },
};

/** Whether a request only looks: the permission that it takes depends on it. */
export function isReading({ method, path }: Pick<ScimCall, "method" | "path">): boolean {
  return method === "GET" || method === "POST" && path[1] === ".search";
}

/**
 * Answers a request of SCIM 2.0 (RFC 7644) of somebody who may make it. `roles` are those of users that are
 * made. Rejects with what broke, and with that alone.
 */
export async function answerScim(
  context: ScimContext,
  call: ScimCall,
  roles: readonly Tier[],
): Promise<ScimAnswer> {
  try {
    return await dispatch(context, call, roles);
  } catch (error) {
    return scimFailure(toScimError(error));
  }
}

/** A refusal in SCIM's form. */
export function scimFailure({ status, message, scimType }: ScimError): ScimAnswer {
  const schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
  const body = { schemas, status: `${status}`, ...scimType && { scimType }, detail: message };
  return { status, body, headers: {} };
}

async function dispatch(
  context: ScimContext,
  call: ScimCall,
  roles: readonly Tier[],
): Promise<ScimAnswer> {
  const [kind = "", id, ...more] = call.path;
  if (more.length > 0) throw nothingHere();
  const discovered = discover(context.base, kind, id);
  if (discovered !== undefined) {
    only(call, ["GET"]);
    return { status: 200, body: discovered, headers: {} };
  }
  const endpoint = Object.hasOwn(ENDPOINTS, kind) ? ENDPOINTS[kind] : undefined;
  if (!endpoint) throw nothingHere();
  if (id === undefined) return await answerAll(endpoint, context, call, roles);
  if (id === ".search") {
    only(call, ["POST"]);
    return await search(endpoint, context, readObject(call.body));
  }
  return await answerOne(endpoint, context, call, id);
}

function discover(base: string, kind: string, id: string | undefined): unknown {
  if (kind === "ServiceProviderConfig" && id === undefined) return serviceProviderConfig(base);
  const lists = { ResourceTypes: resourceTypes, Schemas: schemas };
  if (kind !== "ResourceTypes" && kind !== "Schemas") return undefined;
  const all = lists[kind](base);
  if (id !== undefined) return all.find((each) => each["id"] === id);
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    ...{ totalResults: all.length, startIndex: 1, itemsPerPage: all.length, Resources: all },
  };
}

async function answerAll(
  endpoint: Endpoint,
  context: ScimContext,
  call: ScimCall,
  roles: readonly Tier[],
): Promise<ScimAnswer> {
  only(call, ["GET", "POST"]);
  const query = parametersOf(call);
  if (call.method === "GET") return await search(endpoint, context, query);
  const made = await endpoint.create(context, readObject(call.body), roles);
  return shown(made, query, 201, { location: String(made.meta["location"]) });
}

async function answerOne(
  endpoint: Endpoint,
  context: ScimContext,
  call: ScimCall,
  id: string,
): Promise<ScimAnswer> {
  const query = parametersOf(call);
  switch (only(call, ["GET", "PUT", "PATCH", "DELETE"])) {
    case "GET": {
      const found = await endpoint.get(context, id);
      const isKnown = call.ifNoneMatch !== undefined &&
        namesVersion(call.ifNoneMatch, found.meta.version);
      if (!isKnown) return shown(found, query, 200);
      return { status: 304, body: undefined, headers: { etag: found.meta.version } };
    }
    case "PUT":
      return shown(await endpoint.replace(context, id, readObject(call.body)), query, 200);
    case "PATCH":
      return shown(await endpoint.patch(context, id, call.body), query, 200);
    default:
      await endpoint.remove(context, id);
      return { status: 204, body: undefined, headers: {} };
  }
}

async function search(
  endpoint: Endpoint,
  context: ScimContext,
  values: Readonly<Record<string, unknown>>,
): Promise<ScimAnswer> {
  const projection = readProjection(values);
  const found = await endpoint.list(context, readWish(values, leavesOut(projection, "members")));
  const Resources = found.Resources.map((each) => project(each, projection));
  return { status: 200, body: { ...found, Resources }, headers: {} };
}

function shown(
  resource: Resource,
  query: Readonly<Record<string, unknown>>,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): ScimAnswer {
  const body = project(resource, readProjection(query));
  return { status, body, headers: { ...headers, etag: resource.meta.version } };
}

/** The parameters of the address; one that is sent twice is refused. */
function parametersOf({ query }: ScimCall): Readonly<Record<string, string>> {
  const names = query.map(([name]) => name);
  if (new Set(names).size < names.length) {
    throw new ScimError(400, "A parameter is sent twice", "invalidSyntax");
  }
  return Object.fromEntries(query);
}

function only({ method }: ScimCall, methods: readonly string[]): string {
  if (methods.includes(method)) return method;
  throw new ScimError(405, `Only ${methods.join(", ")} can be done here`);
}

function nothingHere(): ScimError {
  return new ScimError(404, "There is nothing here");
}
