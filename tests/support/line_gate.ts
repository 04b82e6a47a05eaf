import type { LineGate, LineHolder } from "../../src/upstream/mod.ts";

/** A token that `openGate` takes for this holder's. */
export function tokenOf(userId: string, department?: string): string {
  return JSON.stringify({ userId, department });
}

/** Believes whatever a token says: for tests of what lies behind the gate. */
export const openGate: LineGate = {
  admit: (_, token) => Promise.resolve({ sessionId: undefined, ...holderIn(token) }),
  listEnded: () => Promise.resolve([]),
  authorize: (_, message) => Promise.resolve({ ok: true, message }),
};

function holderIn(token = tokenOf("anonymous")): Pick<LineHolder, "userId" | "department"> {
  const { userId, department } = JSON.parse(token);
  return { userId, department };
}
