import { hash } from "node:crypto";
import mark from "./assets/mark.svg" with { type: "text" };
import pages from "./assets/pages.css" with { type: "text" };
import passkeys from "./assets/passkeys.js" with { type: "text" };

interface Asset {
  /** With a part of the content's hash: another content is another address. */
  readonly path: string;
  readonly type: string;
  readonly content: string;
}

function asset(name: string, extension: string, type: string, content: string): Asset {
  const version = hash("sha256", content).slice(0, 12);
  return { path: `/assets/${name}-${version}.${extension}`, type, content };
}

/** The files of the pages, part of the program. */
export const ASSETS = {
  mark: asset("mark", "svg", "image/svg+xml", mark),
  pages: asset("pages", "css", "text/css; charset=utf-8", pages),
  passkeys: asset("passkeys", "js", "text/javascript; charset=utf-8", passkeys),
} as const;

const BY_PATH: ReadonlyMap<string, Asset> = new Map(
  Object.values(ASSETS).map((each) => [each.path, each]),
);

/** Answers with a file; its address changes with it, so browsers keep it for good. */
export function answerAsset(path: string): Response {
  const found = BY_PATH.get(path);
  const headers = { "x-content-type-options": "nosniff" };
  if (!found) return new Response("There is no such file", { status: 404, headers });
  return new Response(found.content, {
    headers: {
      ...headers,
      "content-type": found.type,
      "cache-control": "public, max-age=31536000, immutable",
      "cross-origin-resource-policy": "same-origin",
    },
  });
}
