import { AppError, type ErrorCode } from "../kernel/errors.ts";

const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EPIPE",
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
]);

/** SQLSTATE or its class to our code; the longer entry wins. */
const STATES: Readonly<Record<string, ErrorCode>> = {
  "08": "unavailable",
  "22": "invalid",
  "23": "conflict",
  "25": "invalid",
  "25006": "forbidden",
  "28": "unauthenticated",
  "3D": "unavailable",
  "40": "conflict",
  "42": "invalid",
  "42501": "forbidden",
  "42P01": "not_found",
  "53": "unavailable",
  "55": "conflict",
  "55P03": "unavailable",
  "57": "unavailable",
};

/** What the driver or the server said, as an error of ours; undefined when `thrown` is not from there. */
export function databaseError(thrown: unknown): AppError | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || typeof thrown.code !== "string") {
    return undefined;
  }
  if (NETWORK.has(thrown.code) && "syscall" in thrown || /^CONNECT/.test(thrown.code)) {
    return new AppError("unavailable", `Cannot reach the database: ${thrown.message}`, {
      cause: thrown,
    });
  }
  if (thrown.name !== "PostgresError") return undefined;
  const code = STATES[thrown.code] ?? STATES[thrown.code.slice(0, 2)] ?? "internal";
  return new AppError(code, `The database refused: ${thrown.message}`, {
    cause: thrown,
    details: { sqlstate: thrown.code },
    ...hintOf(thrown),
  });
}

function hintOf(thrown: Error): { hint?: string } {
  if ("code" in thrown && thrown.code === "57014") {
    return { hint: "Give it more time by --timeout." };
  }
  if ("hint" in thrown && typeof thrown.hint === "string") return { hint: thrown.hint };
  return {};
}
