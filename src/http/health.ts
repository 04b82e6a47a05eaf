/** 200 when nothing is wrong, 503 with the reason otherwise. */
export function health(wrong: string | undefined): Response {
  const body = wrong === undefined ? { status: "ok" } : { status: "unavailable", reason: wrong };
  return Response.json(body, {
    status: wrong === undefined ? 200 : 503,
    headers: { "cache-control": "no-store" },
  });
}
