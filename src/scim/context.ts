import { hash } from "node:crypto";
import type { Actor, IdentityContext } from "../identity/mod.ts";
import type { Pool, Sql } from "../db/mod.ts";
import { AppError } from "../kernel/errors.ts";
import { nestedIn } from "../db/mod.ts";
import { isObject } from "./patch.ts";
import { ScimError } from "./scim_error.ts";

/** What a request is answered with. */
export interface ScimContext {
  readonly identity: IdentityContext;
  /** Who calls, as rows of the audit name it. */
  readonly actor: Actor;
  /** Where the resources are: `https://gov.example.com/api/v1/scim/v2`. */
  readonly base: string;
  readonly ifMatch: string | undefined;
}

/** A resource as it is shown. */
export type Resource = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly meta: Readonly<Record<string, unknown>> & { readonly version: string };
};

/** Adds what is said of each resource; the version names its state. */
export function withMeta(
  { base }: Pick<ScimContext, "base">,
  type: "User" | "Group",
  resource: Readonly<Record<string, unknown>> & { readonly id: string },
  { createdAt, updatedAt }: { readonly createdAt: Date; readonly updatedAt: Date },
): Resource {
  const version = `W/"${hash("sha256", JSON.stringify(resource), "base64url").slice(0, 22)}"`;
  return {
    ...resource,
    meta: {
      resourceType: type,
      created: createdAt.toISOString(),
      lastModified: updatedAt.toISOString(),
      location: `${base}/${type}s/${encodeURIComponent(resource.id)}`,
      version,
    },
  };
}

/** Throws 412 where the caller named another state than this one. */
export function checkMatch({ ifMatch }: ScimContext, { meta }: Resource): void {
  if (ifMatch === undefined || namesVersion(ifMatch, meta.version)) return;
  throw new ScimError(412, "It was changed meanwhile: read it again");
}

/** Whether a list of entity tags names a version. */
export function namesVersion(header: string, version: string): boolean {
  const strong = version.replace(/^W\//, "");
  return header.split(",").map((tag) => tag.trim())
    .some((tag) => tag === "*" || tag.replace(/^W\//, "") === strong);
}

/** Does all of a change in one transaction: nothing half done. */
export async function changing<T>(
  { identity }: ScimContext,
  work: (identity: IdentityContext, sql: Sql) => Promise<T>,
): Promise<T> {
  return await identity.sql.begin((sql) => {
    const nested: Pool = nestedIn(sql);
    return work({ ...identity, sql: nested }, nested);
  }) as T;
}

/** A failure as a directory is told it; what broke is thrown on. */
export function toScimError(error: unknown): ScimError {
  if (error instanceof ScimError) return error;
  if (!(error instanceof AppError)) throw error;
  switch (error.code) {
    case "invalid":
    case "usage":
      return new ScimError(400, error.message, "invalidValue");
    case "conflict":
      return new ScimError(409, error.message, "uniqueness");
    case "denied":
    case "forbidden":
      return new ScimError(403, error.message);
    case "not_found":
      return new ScimError(404, error.message);
    default:
      throw error;
  }
}

/** The body, if it is an object. */
export function readObject(body: unknown): Readonly<Record<string, unknown>> {
  if (isObject(body)) return body;
  throw new ScimError(400, "The body is no object", "invalidSyntax");
}
