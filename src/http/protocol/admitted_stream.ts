/** Milliseconds between two looks whether whoever reads a stream may still do so. */
const CHECK_MS = 400;

/**
 * A stream of events goes on only as long as whoever opened it would be let in now: it ends when their token does,
 * or is revoked. Other answers are over before that matters.
 */
export function whileAdmitted(
  response: Response,
  mayStay: () => Promise<boolean>,
  everyMs = CHECK_MS,
): Response {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (!isStream || !response.body) return response;
  const reader = response.body.getReader();
  let timer: ReturnType<typeof setInterval> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(async () => {
        if (await mayStay()) return;
        clearInterval(timer);
        await reader.cancel().catch(() => undefined);
        try {
          controller.close();
        } catch {
          // It is over already.
        }
      }, everyMs);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      clearInterval(timer);
      try {
        controller.close();
      } catch {
        // It was ended meanwhile.
      }
    },
    async cancel(reason) {
      clearInterval(timer);
      await reader.cancel(reason);
    },
  });
  return new Response(body, response);
}
