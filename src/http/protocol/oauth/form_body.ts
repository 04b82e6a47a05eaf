import type { Parameters } from "../../../oauth/mod.ts";

const MAX_BYTES = 64 * 1024;
const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/** The parameters in a form's body; undefined for anything else, or too much of it. */
export async function readForm(request: Request): Promise<Parameters | undefined> {
  if (!FORM.test(request.headers.get("content-type") ?? "")) return undefined;
  const text = await readText(request);
  return text === undefined ? undefined : [...new URLSearchParams(text)];
}

async function readText(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BYTES) return undefined;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size > MAX_BYTES) return undefined;
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch {
    return undefined;
  }
}
