/**
 * Rows as CSV (RFC 4180) with a heading. A text that a spreadsheet would take for a formula gets a quote in
 * front: names of tools and agents come from clients.
 */
export function csvText(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const labels = Object.keys(rows[0] ?? {});
  const lines = [labels, ...rows.map((row) => labels.map((label) => row[label]))];
  return lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = /^[\s]*[=+\-@\t\r|%]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
