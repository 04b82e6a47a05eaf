import { hash } from "node:crypto";
import { nestedIn, type Pool } from "../../db/mod.ts";
import { findAnswered, keepAnswer, type OnceKey, takeKey } from "../../identity/mod.ts";
import { canonicalJson } from "../../kernel/canonical_json.ts";
import { AppError } from "../../kernel/errors.ts";
import type { ApiAnswer, ApiCall } from "../../egress/mod.ts";
import type { ApiRoute } from "./route.ts";

const LIFE_MS = 86_400_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Does what a request with an `Idempotency-Key` asks for once, however often it is sent: the key, the change
 * and the answer become durable in one transaction. A key belongs to its user, and to one request.
 */
export async function performOnce(
  pool: Pool,
  route: ApiRoute,
  userId: string,
  call: ApiCall,
  work: (sql: Pool) => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const key = onceKeyOf(userId, call);
  return await pool.begin(async (transaction) => {
    if (!await takeKey(transaction, key, LIFE_MS)) return await answerAgain(transaction, key);
    const answer = await work(nestedIn(transaction));
    await keepAnswer(transaction, key, withoutShownOnce(route, answer));
    return answer;
  }) as ApiAnswer;
}

function onceKeyOf(
  userId: string,
  { idempotencyKey = "", route, params, query, body }: ApiCall,
): OnceKey {
  if (!KEY.test(idempotencyKey)) {
    throw new AppError(
      "invalid",
      "Cannot read the header Idempotency-Key: expected 1 to 255 visible characters",
    );
  }
  return {
    userId,
    keyHash: sha256(idempotencyKey),
    requestHash: sha256(canonicalJson({ route, params, query, body: body ?? null })),
    route,
  };
}

async function answerAgain(
  sql: Parameters<typeof findAnswered>[0],
  key: OnceKey,
): Promise<ApiAnswer> {
  const before = await findAnswered(sql, key);
  if (!before?.answer) {
    throw new AppError("conflict", "A request with this Idempotency-Key is under way");
  }
  if (before.requestHash.toHex() !== key.requestHash.toHex()) {
    throw new AppError("mismatch", "This Idempotency-Key was used for another request");
  }
  const { answer } = before;
  return { ...answer, headers: { ...answer.headers, "idempotency-replayed": "true" } };
}

/** What is shown once is not kept: a repeated request is told everything else. */
function withoutShownOnce({ shownOnce }: ApiRoute, answer: ApiAnswer): ApiAnswer {
  if (shownOnce.length === 0) return answer;
  const { data } = answer.body as { data: Readonly<Record<string, unknown>> };
  const kept = Object.entries(data).filter(([name]) => !shownOnce.includes(name));
  return { ...answer, body: { data: Object.fromEntries(kept) } };
}

function sha256(text: string): Uint8Array {
  return Uint8Array.fromHex(hash("sha256", text, "hex"));
}
