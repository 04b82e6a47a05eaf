/** What makes an address suspicious: then it must be one that the server offers. */
export type UriProblem = "file" | "traversal" | "malformed";

/**
 * Whether a resource's address reaches for more than a server may mean to give: files of its host, or a
 * path that climbs. Looked for behind up to three layers of percent-encoding, with either slash.
 */
export function uriProblem(uri: string): UriProblem | undefined {
  if (uri.length > 8192 || !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri)) return "malformed";
  let text = uri;
  for (let layer = 0; layer < 3; layer++) {
    if (hasControl(text)) return "malformed";
    if (/(?:^|[/\\:?#=&])\.\.(?:$|[/\\?#&;])/.test(text)) return "traversal";
    const decoded = decode(text);
    if (decoded === text) break;
    text = decoded;
  }
  return /^file:/i.test(uri) ? "file" : undefined;
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** Byte by byte, and the long forms of dot and slash that lax decoders take for them. */
function decode(text: string): string {
  return text.replace(/%c0%ae/gi, ".").replace(/%c0%af/gi, "/")
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
