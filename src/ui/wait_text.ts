/** What is said to somebody who has to wait, `ms` milliseconds. */
export function waitText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const time = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many attempts. Try again in ${time === "1 seconds" ? "a second" : time}.`;
}
