/** A name as a header's value: what is no printable ASCII is wrapped as the protocol says. */
export function headerText(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith("=?")) return text;
  return `=?base64?${new TextEncoder().encode(text).toBase64()}?=`;
}
