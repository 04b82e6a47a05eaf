// deno-lint-ignore-file no-console
/** Sends one request and prints status, headers and body. Arguments: URL, token, body. */
const [url = "", token = "", body = ""] = Deno.args;
const response = await fetch(url, {
  method: "POST",
  headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  body,
});
const headers = Object.fromEntries(response.headers);
console.log(JSON.stringify({ status: response.status, headers, body: await response.text() }));
