/** What a governed request came back as. */
export type Outcome = "allow" | "deny" | "limited" | "unavailable" | "error";

/** An answer as far as the benchmark looks at it. */
export interface Answer {
  readonly status: number;
  readonly outcome: Outcome;
  /** The `policy` header: the rule that decided. */
  readonly policy: string | undefined;
  readonly decisionId: string | undefined;
  /** Why it counts as an error. */
  readonly problem?: string;
}

/** A response that is complete. */
export interface Frame {
  readonly head: string;
  readonly body: string;
  /** Bytes that the response takes. */
  readonly length: number;
}

const decoder = new TextDecoder("latin1");

/** The response at the beginning of `bytes`; undefined while it is not complete. */
export function readFrame(bytes: Uint8Array): Frame | undefined {
  const text = decoder.decode(bytes);
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = text.slice(0, headEnd + 2);
  const start = headEnd + 4;
  const declared = headerOf(head, "content-length");
  const end = declared === undefined ? endOfChunks(text, start) : start + Number(declared);
  if (end === undefined || text.length < end) return undefined;
  return { head, body: text.slice(start, end), length: end };
}

/** Only as much of chunked encoding as it takes to see the last, empty chunk. */
function endOfChunks(text: string, start: number): number | undefined {
  for (let at = start;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = parseInt(text.slice(at, lineEnd), 16);
    if (!(size >= 0)) throw new Error("The response has neither a length nor chunks");
    at = lineEnd + 2 + size + 2;
    if (size === 0) return at;
  }
}

/** Value of a header in `head` (status line and headers, each ended by CRLF); undefined without it. */
export function headerOf(head: string, name: string): string | undefined {
  const lower = head.toLowerCase();
  const at = lower.indexOf(`\r\n${name.toLowerCase()}:`);
  if (at < 0) return undefined;
  const start = at + name.length + 3;
  return head.slice(start, head.indexOf("\r\n", start)).trim();
}

/** What a PreToolUse answer says. Header and body must agree: else it is an error, not a decision. */
export function readAnswer({ head, body }: Frame): Answer {
  const status = Number(head.slice(9, 12));
  const policy = headerOf(head, "policy");
  const decisionId = headerOf(head, "decisionid");
  const allowed = body.includes('"permissionDecision":"allow"');
  const denied = body.includes('"permissionDecision":"deny"');
  const base = { status, policy, decisionId };
  if (status !== 200) return { ...base, outcome: "error", problem: `status ${status}` };
  if (policy === undefined || allowed === denied) {
    return { ...base, outcome: "error", problem: "no decision in the answer" };
  }
  const permits = policy === "default_allow" || policy.startsWith("policy:");
  if (allowed && !permits) {
    return { ...base, outcome: "error", problem: `allowed although the policy is ${policy}` };
  }
  const outcome = allowed ? "allow" : deniedAs(policy);
  if (outcome === "unavailable" && headerOf(head, "retry-after") === undefined) {
    return { ...base, outcome: "error", problem: "unavailable without Retry-After" };
  }
  return { ...base, outcome };
}

function deniedAs(policy: string): Outcome {
  if (policy === "rate_limit" || policy === "budget") return "limited";
  return policy === "audit_unavailable" ? "unavailable" : "deny";
}
