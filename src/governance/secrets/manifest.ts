import { isPlaceholder } from "./value_shape.ts";

/** How far around its `kind` a manifest is read, in characters. */
export const MANIFEST_WINDOW = 4000;
const ENTRY =
  /["']?[\w.-]{1,80}["']?[ \t]{0,4}:[ \t]{0,4}["']?([A-Za-z0-9+/]{8,2048}={0,2})["']?[ \t]{0,4}(?=[\r\n,}]|$)/g;

/** The encoded values of a Kubernetes Secret manifest whose `kind` stands at `at`. */
export function manifestSecrets(
  text: string,
  at: number,
): readonly { kind: string; provider: string; start: number; end: number }[] {
  const from = Math.max(0, at - MANIFEST_WINDOW);
  const window = text.slice(from, at + MANIFEST_WINDOW);
  const data = /(?:^|[\s,{])["']?data["']?[ \t]{0,4}:\s{0,4}[\r\n{]/.exec(window);
  if (data === null) return [];
  const body = dataBlock(window, data.index + data[0].length - 1);
  return [...body.text.matchAll(ENTRY)].flatMap((match) => {
    const value = match[1] ?? "";
    if (!isManifestValue(value) || match.index === undefined) return [];
    const start = from + body.at + match.index + match[0].indexOf(value);
    return [{
      kind: "kubernetes_secret",
      provider: "Kubernetes",
      start,
      end: start + value.length,
    }];
  });
}

function dataBlock(window: string, at: number): { text: string; at: number } {
  const rest = window.slice(at);
  const end = /\n(?=[A-Za-z-]|---)|\}/.exec(rest);
  return { text: end === null ? rest : rest.slice(0, end.index + 1), at };
}

/** True for an encoded value that is no flag, number or filler. */
export function isManifestValue(value: string): boolean {
  if (value.length % 4 !== 0) return false;
  try {
    const plain = atob(value);
    return plain.length >= 4 && !isPlaceholder(plain) &&
      !/^(?:true|false|\d{1,5}|admin|root|[a-z]{1,6})$/i.test(plain.trim());
  } catch {
    return false;
  }
}
