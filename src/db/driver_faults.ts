/** What the driver throws out of a timer when it writes to a connection that has just gone away. */
const LATE_WRITE = /^Cannot read properties of null \(reading 'write'\)$/;

function isLateWrite(error: unknown): boolean {
  return error instanceof TypeError && LATE_WRITE.test(error.message) &&
    /\bpostgres\b.*\bconnection\.js\b/.test(error.stack ?? "");
}

/** A statement that nobody waits for any more because its transaction has failed already. */
function isLostConnection(error: unknown): boolean {
  const { code = "" } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" &&
    /^(57P0[1-5]|08...|CONNECTION_\w+|CONNECT_TIMEOUT|ECONN\w+|EPIPE)$/.test(code);
}

let guarded = false;

/**
 * Keeps the driver's stray errors after a lost connection from ending the isolate. What they stand for is
 * not lost: the query they belong to is rejected all the same. Anything else stays fatal.
 */
export function surviveDriverFaults(): void {
  if (guarded) return;
  guarded = true;
  addEventListener("error", (event) => {
    if (isLateWrite((event as ErrorEvent).error)) event.preventDefault();
  });
  addEventListener("unhandledrejection", (event) => {
    if (isLostConnection((event as PromiseRejectionEvent).reason)) event.preventDefault();
  });
}
