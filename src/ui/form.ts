import { type BrowserForm, isFormToken, TOKEN_FIELD } from "../identity/mod.ts";
import { AppError } from "../kernel/errors.ts";
import type { Visit } from "./visit.ts";

/** Bytes that a form may have. */
const MAX_BYTES = 128 * 1024;

/** The fields of a form that one of our own pages sent from this browser. Throws `forbidden` for any other. */
export async function readForm(visit: Visit): Promise<URLSearchParams> {
  const { request } = visit;
  if (!isOwnOrigin(visit)) throw foreign();
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) throw foreign();
  const fields = new URLSearchParams(await readText(request));
  if (!isFormToken(visit.key, field(fields, TOKEN_FIELD))) {
    throw new AppError("forbidden", "This page is too old, or you have signed in or out since", {
      hint: "Go back, load it again and try once more.",
    });
  }
  return fields;
}

/** What the form of somebody who is signed in proves. */
export function proofOf({ key }: Visit, fields: URLSearchParams): BrowserForm {
  return { session: key, formToken: field(fields, TOKEN_FIELD) };
}

/** The one value of a field; empty without one or with several. */
export function field(fields: URLSearchParams, name: string): string {
  const values = fields.getAll(name);
  return values.length === 1 ? values[0] ?? "" : "";
}

/** Browsers say where a form comes from. Cookies do not tell ports apart, origins do. */
function isOwnOrigin({ request, base }: Visit): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) return origin === base;
  return request.headers.get("sec-fetch-site") === "same-origin";
}

function foreign(): AppError {
  return new AppError("forbidden", "This form did not come from one of our pages");
}

async function readText(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new AppError("too_large", "The form is too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
